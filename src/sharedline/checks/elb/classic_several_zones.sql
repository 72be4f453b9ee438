/*
title = "Classic load balancers span several Availability Zones"
severity = "medium"
duty = "resilience.workload-design"
why = "A load balancer in one zone goes down with that zone."
fix = """
aws elb attach-load-balancer-to-subnets --load-balancer-name NAME --subnets SUBNET_IN_ANOTHER_ZONE
"""
[controls]
aws-fsbp = ["ELB.10"]
nist-800-53-r5 = ["CP-10", "SC-5(2)"]
[params]
min_zones = 2
*/
select
  x.arn as resource,
  x.availability_zone_count >= $min_zones as ok,
  'it spans ' || cast(x.availability_zone_count as varchar) || ' zone(s)' as reason
from elb_load_balancer x
