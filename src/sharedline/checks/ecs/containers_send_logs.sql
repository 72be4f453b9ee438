/*
title = "ECS containers send their logs somewhere"
severity = "high"
duty = "monitoring.audit-logging"
why = "The output of a task disappears with the task; what happened in it can then never be told."
fix = """
# Register a new revision with the change below, then move the services to it.
aws ecs describe-task-definition --task-definition FAMILY --query taskDefinition > task.json
# In task.json, each containerDefinitions[]: "logConfiguration": {"logDriver": "awslogs", "options": {...}}.
aws ecs register-task-definition --cli-input-json file://task.json
aws ecs update-service --cluster CLUSTER --service SERVICE --task-definition FAMILY
"""
[controls]
aws-fsbp = ["ECS.9"]
nist-800-53-r5 = ["AU-2", "AU-3", "AU-12"]
*/
-- The latest active revision of each family; a verdict names the first container it is about.
with containers as (
  select
    c.arn,
    count(*) as total,
    sum(case when c.log_driver = '' then 1 else 0 end) as bad,
    sum(case when c.log_driver is null then 1 else 0 end) as unread,
    min(case when c.log_driver = '' then c.name end) as worst
  from ecs_container c
  group by c.arn
)
select
  t.arn as resource,
  case
    when c.bad > 0 then false
    when c.unread = 0 then true
  end as ok,
  case when c.bad > 0 then 'container ' || c.worst || ' has no log configuration' else 'every container has a log driver' end as reason
from ecs_task_definition t
left join containers c on c.arn = t.arn
