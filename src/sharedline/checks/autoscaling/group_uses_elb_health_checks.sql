/*
title = "Groups behind a load balancer use its health checks"
severity = "low"
duty = "configuration.baseline"
why = "Otherwise a machine whose application has died stays in service as long as it is switched on."
fix = """
aws autoscaling update-auto-scaling-group --auto-scaling-group-name NAME --health-check-type ELB \
  --health-check-grace-period 300
"""
[controls]
aws-fsbp = ["AutoScaling.1"]
nist-800-53-r5 = ["CA-7", "SI-2"]
*/
select
  x.arn as resource,
  x.health_check_type like '%ELB%' as ok,
  'its health check is ' || x.health_check_type as reason
from autoscaling_group x
where x.is_behind_load_balancer
