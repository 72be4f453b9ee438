/*
title = "ECS capacity providers protect instances that run tasks"
severity = "medium"
duty = "resilience.workload-design"
why = "Without the protection, scaling in ends instances with tasks still on them, in the middle of their work."
fix = """
# Managed scaling must be on, and the Auto Scaling group must protect new instances from scale-in.
aws ecs update-capacity-provider --name NAME --auto-scaling-group-provider \\
  'managedScaling={status=ENABLED},managedTerminationProtection=ENABLED'
"""
[controls]
aws-fsbp = ["ECS.19"]
nist-800-53-r5 = ["CP-10"]
*/
-- Fargate's own providers have no instances.
select
  p.arn as resource,
  p.managed_termination_protection = 'ENABLED' as ok,
  'termination protection is ' || lower(p.managed_termination_protection) as reason
from ecs_capacity_provider p
where p.auto_scaling_group_arn is null or p.auto_scaling_group_arn <> ''
