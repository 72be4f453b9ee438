/*
title = "ECS tasks mount their EFS volumes over TLS"
severity = "medium"
duty = "data.encryption-in-transit"
why = "Without TLS the files travel readable between the task and the file system."
fix = """
# Register a new revision with the change below, then move the services to it.
aws ecs describe-task-definition --task-definition FAMILY --query taskDefinition > task.json
# In task.json, each volumes[].efsVolumeConfiguration: "transitEncryption": "ENABLED".
aws ecs register-task-definition --cli-input-json file://task.json
aws ecs update-service --cluster CLUSTER --service SERVICE --task-definition FAMILY
"""
[controls]
aws-fsbp = ["ECS.18"]
nist-800-53-r5 = ["SC-8", "SC-8(1)"]
*/
select
  t.arn as resource,
  t.efs_volumes_without_tls = 0 as ok,
  t.efs_volumes_without_tls || ' of ' || t.efs_volume_count || ' EFS volumes without TLS' as reason
from ecs_task_definition t
where t.efs_volume_count is null or t.efs_volume_count > 0
