/*
title = "Windows containers in ECS run as a user other than the administrator"
severity = "medium"
duty = "compute.hardening"
why = "The administrator of a Windows container may change everything in it and is closest to the host when a hole is found."
fix = """
# Register a new revision with the change below, then move the services to it.
aws ecs describe-task-definition --task-definition FAMILY --query taskDefinition > task.json
# In task.json, each containerDefinitions[]: "user": "ContainerUser".
aws ecs register-task-definition --cli-input-json file://task.json
aws ecs update-service --cluster CLUSTER --service SERVICE --task-definition FAMILY
"""
[controls]
aws-fsbp = ["ECS.21"]
nist-800-53-r5 = ["AC-6", "CM-6"]
*/
-- The latest active revision of each family; a verdict names the first container it is about.
with containers as (
  select
    c.arn,
    count(*) as total,
    sum(case when (c.user = '' or lower(c.user) = 'containeradministrator') then 1 else 0 end) as bad,
    sum(case when c.user is null then 1 else 0 end) as unread,
    min(case when (c.user = '' or lower(c.user) = 'containeradministrator') then c.name end) as worst
  from ecs_container c
  group by c.arn
)
select
  t.arn as resource,
  case
    when c.bad > 0 then false
    when c.unread = 0 then true
  end as ok,
  case when c.bad > 0 then 'container ' || c.worst || ' runs as the administrator or as the user of its image' else 'every container names a user other than the administrator' end as reason
from ecs_task_definition t
left join containers c on c.arn = t.arn
where t.operating_system_family is null or t.operating_system_family like 'WINDOWS%'
