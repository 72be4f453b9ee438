/*
title = "Classic load balancers balance over zones"
severity = "medium"
duty = "resilience.workload-design"
why = "Otherwise each zone's machines carry only their own zone's traffic, and a weak zone fails alone."
fix = """
aws elb modify-load-balancer-attributes --load-balancer-name NAME \
  --load-balancer-attributes '{"CrossZoneLoadBalancing": {"Enabled": true}}'
"""
[controls]
aws-fsbp = ["ELB.9"]
nist-800-53-r5 = ["CP-10", "SC-5(2)"]
*/
select
  x.arn as resource,
  x.cross_zone_load_balancing_enabled as ok,
  case when x.cross_zone_load_balancing_enabled then 'it balances over zones' else 'it balances within each zone' end as reason
from elb_load_balancer x
