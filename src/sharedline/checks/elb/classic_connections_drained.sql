/*
title = "Classic load balancers drain connections"
severity = "low"
duty = "resilience.workload-design"
why = "Without draining, requests under way are cut when a machine is taken out."
fix = """
aws elb modify-load-balancer-attributes --load-balancer-name NAME \
  --load-balancer-attributes '{"ConnectionDraining": {"Enabled": true, "Timeout": 300}}'
"""
[controls]
aws-fsbp = ["ELB.7"]
nist-800-53-r5 = ["CM-2"]
*/
select
  x.arn as resource,
  x.connection_draining_enabled as ok,
  case when x.connection_draining_enabled then 'connections are drained' else 'connections are cut' end as reason
from elb_load_balancer x
