/*
title = "ECS containers cannot write to their root file system"
severity = "high"
duty = "compute.hardening"
why = "What an attacker cannot write, he cannot install, change or leave behind."
fix = """
# Register a new revision with the change below, then move the services to it.
aws ecs describe-task-definition --task-definition FAMILY --query taskDefinition > task.json
# In task.json, each containerDefinitions[]: "readonlyRootFilesystem": true; mount volumes for what must be written.
aws ecs register-task-definition --cli-input-json file://task.json
aws ecs update-service --cluster CLUSTER --service SERVICE --task-definition FAMILY
"""
[controls]
aws-fsbp = ["ECS.5"]
nist-800-53-r5 = ["AC-6", "CM-6"]
*/
-- The latest active revision of each family; a verdict names the first container it is about.
with containers as (
  select
    c.arn,
    count(*) as total,
    sum(case when not c.readonly_root_filesystem then 1 else 0 end) as bad,
    sum(case when c.readonly_root_filesystem is null then 1 else 0 end) as unread,
    min(case when not c.readonly_root_filesystem then c.name end) as worst
  from ecs_container c
  group by c.arn
)
select
  t.arn as resource,
  case
    when c.bad > 0 then false
    when c.unread = 0 then true
  end as ok,
  case when c.bad > 0 then 'container ' || c.worst || ' can write to its root file system' else 'every root file system is read-only' end as reason
from ecs_task_definition t
left join containers c on c.arn = t.arn
-- Windows containers do not know the setting.
where t.operating_system_family is null or t.operating_system_family not like 'WINDOWS%'
