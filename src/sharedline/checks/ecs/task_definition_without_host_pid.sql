/*
title = "ECS tasks do not share the process namespace of their host"
severity = "high"
duty = "compute.hardening"
why = "In the process namespace of the host a container sees, and with a little luck controls, every process of every other container."
fix = """
# Register a new revision with the change below, then move the services to it.
aws ecs describe-task-definition --task-definition FAMILY --query taskDefinition > task.json
# In task.json: remove "pidMode": "host".
aws ecs register-task-definition --cli-input-json file://task.json
aws ecs update-service --cluster CLUSTER --service SERVICE --task-definition FAMILY
"""
[controls]
aws-fsbp = ["ECS.3"]
nist-800-53-r5 = ["CM-2", "CM-7"]
*/
select
  t.arn as resource,
  t.pid_mode <> 'host' as ok,
  case when t.pid_mode = 'host' then 'its containers see the processes of the host' else 'its containers see only their own processes' end as reason
from ecs_task_definition t
