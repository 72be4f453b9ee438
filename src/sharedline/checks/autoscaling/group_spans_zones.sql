/*
title = "Groups span several Availability Zones"
severity = "medium"
duty = "resilience.workload-design"
why = "A group in one zone cannot start a machine elsewhere when the zone is down."
fix = """
aws autoscaling update-auto-scaling-group --auto-scaling-group-name NAME \
  --vpc-zone-identifier SUBNET_ZONE_A,SUBNET_ZONE_B
"""
[controls]
aws-fsbp = ["AutoScaling.2"]
nist-800-53-r5 = ["CP-10", "SC-5(2)"]
[params]
min_zones = 2
*/
select
  x.arn as resource,
  x.availability_zone_count >= $min_zones as ok,
  'it spans ' || cast(x.availability_zone_count as varchar) || ' zone(s)' as reason
from autoscaling_group x
