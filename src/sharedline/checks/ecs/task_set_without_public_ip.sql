/*
title = "ECS task sets give their tasks no public address"
severity = "high"
duty = "network.segmentation"
why = "Task sets of external deployments carry network settings of their own, past those of the service that somebody reviewed."
fix = """
# Task sets cannot be changed: create one without a public address and delete this one.
aws ecs create-task-set --cluster CLUSTER --service SERVICE --task-definition TASK --network-configuration \\
  'awsvpcConfiguration={subnets=[PRIVATE_SUBNET],securityGroups=[GROUP],assignPublicIp=DISABLED}'
aws ecs delete-task-set --cluster CLUSTER --service SERVICE --task-set TASK_SET
"""
[controls]
aws-fsbp = ["ECS.16"]
nist-800-53-r5 = ["SC-7", "AC-4"]
*/
select
  t.arn as resource,
  t.assign_public_ip <> 'ENABLED' as ok,
  'public addresses for tasks: ' || t.assign_public_ip as reason
from ecs_task_set t
