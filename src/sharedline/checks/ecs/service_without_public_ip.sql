/*
title = "ECS services give their tasks no public address"
severity = "high"
duty = "network.segmentation"
why = "A task with a public address is reachable from the internet past the load balancer, and only its security group stands in between."
fix = """
aws ecs update-service --cluster CLUSTER --service SERVICE --network-configuration \\
  'awsvpcConfiguration={subnets=[PRIVATE_SUBNET],securityGroups=[GROUP],assignPublicIp=DISABLED}'
"""
[controls]
aws-fsbp = ["ECS.2"]
nist-800-53-r5 = ["SC-7", "AC-4"]
*/
select
  s.arn as resource,
  s.assign_public_ip <> 'ENABLED' as ok,
  'public addresses for tasks: ' || s.assign_public_ip as reason
from ecs_service s
