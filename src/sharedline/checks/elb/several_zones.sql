/*
title = "Load balancers span several Availability Zones"
severity = "medium"
duty = "resilience.workload-design"
why = "A load balancer in one zone goes down with that zone, whatever runs in the others."
fix = """
aws elbv2 set-subnets --load-balancer-arn LOAD_BALANCER_ARN --subnets SUBNET_ZONE_A SUBNET_ZONE_B
"""
[controls]
aws-fsbp = ["ELB.13"]
nist-800-53-r5 = ["CP-10", "SC-5(2)"]
[params]
min_zones = 2
*/
select
  x.arn as resource,
  x.availability_zone_count >= $min_zones as ok,
  'it spans ' || cast(x.availability_zone_count as varchar) || ' zone(s)' as reason
from elbv2_load_balancer x
