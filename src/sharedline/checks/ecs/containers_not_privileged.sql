/*
title = "ECS containers run without privileged mode"
severity = "high"
duty = "compute.hardening"
why = "A privileged container is root on its host: leaving the container is one command."
fix = """
# Register a new revision with the change below, then move the services to it.
aws ecs describe-task-definition --task-definition FAMILY --query taskDefinition > task.json
# In task.json, each containerDefinitions[]: "privileged": false.
aws ecs register-task-definition --cli-input-json file://task.json
aws ecs update-service --cluster CLUSTER --service SERVICE --task-definition FAMILY
"""
[controls]
aws-fsbp = ["ECS.4"]
nist-800-53-r5 = ["AC-6", "CM-7"]
*/
-- The latest active revision of each family; a verdict names the first container it is about.
with containers as (
  select
    c.arn,
    count(*) as total,
    sum(case when c.privileged then 1 else 0 end) as bad,
    sum(case when c.privileged is null then 1 else 0 end) as unread,
    min(case when c.privileged then c.name end) as worst
  from ecs_container c
  group by c.arn
)
select
  t.arn as resource,
  case
    when c.bad > 0 then false
    when c.unread = 0 then true
  end as ok,
  case when c.bad > 0 then 'container ' || c.worst || ' is privileged' else 'no container is privileged' end as reason
from ecs_task_definition t
left join containers c on c.arn = t.arn
