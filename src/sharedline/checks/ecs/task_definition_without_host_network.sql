/*
title = "ECS tasks do not use the network of their host"
severity = "medium"
duty = "compute.hardening"
why = "On the network of the host a container reaches its loopback services and the credentials of the instance, and can answer in its name."
fix = """
# Register a new revision with the change below, then move the services to it.
aws ecs describe-task-definition --task-definition FAMILY --query taskDefinition > task.json
# In task.json: "networkMode": "awsvpc".
aws ecs register-task-definition --cli-input-json file://task.json
aws ecs update-service --cluster CLUSTER --service SERVICE --task-definition FAMILY
"""
[controls]
nist-800-53-r5 = ["AC-6", "SC-7"]
*/
select
  t.arn as resource,
  t.network_mode <> 'host' as ok,
  case when t.network_mode = 'host' then 'its containers use the network of the host' else 'its containers have a network of their own' end as reason
from ecs_task_definition t
