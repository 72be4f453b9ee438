/*
title = "Linux containers in ECS run as a user other than root"
severity = "medium"
duty = "compute.hardening"
why = "Root in a container is one kernel bug away from root on the host, and may change anything inside meanwhile."
fix = """
# Register a new revision with the change below, then move the services to it.
aws ecs describe-task-definition --task-definition FAMILY --query taskDefinition > task.json
# In task.json, each containerDefinitions[]: "user": "1000:1000".
aws ecs register-task-definition --cli-input-json file://task.json
aws ecs update-service --cluster CLUSTER --service SERVICE --task-definition FAMILY
"""
[controls]
aws-fsbp = ["ECS.20"]
nist-800-53-r5 = ["AC-6", "CM-6"]
*/
-- The latest active revision of each family; a verdict names the first container it is about.
with containers as (
  select
    c.arn,
    count(*) as total,
    sum(case when (c.user = '' or c.user = 'root' or c.user = '0' or c.user like 'root:%' or c.user like '0:%') then 1 else 0 end) as bad,
    sum(case when c.user is null then 1 else 0 end) as unread,
    min(case when (c.user = '' or c.user = 'root' or c.user = '0' or c.user like 'root:%' or c.user like '0:%') then c.name end) as worst
  from ecs_container c
  group by c.arn
)
select
  t.arn as resource,
  case
    when c.bad > 0 then false
    when c.unread = 0 then true
  end as ok,
  case when c.bad > 0 then 'container ' || c.worst || ' runs as root or as the user of its image' else 'every container names a user other than root' end as reason
from ecs_task_definition t
left join containers c on c.arn = t.arn
-- Without a family AWS assumes Linux.
where t.operating_system_family is null or t.operating_system_family in ('', 'LINUX')
