/*
title = "ECS containers are given no AWS or registry credentials as variables"
severity = "high"
duty = "application.secrets"
why = "Long-lived keys in a task definition are readable by everybody who may describe it, in every revision ever registered; a task role needs none."
fix = """
# Register a new revision with the change below, then move the services to it.
aws ecs describe-task-definition --task-definition FAMILY --query taskDefinition > task.json
# In task.json: remove AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and ECS_ENGINE_AUTH_DATA from environment;
# set "taskRoleArn", and deactivate the key: it has been in the open.
aws ecs register-task-definition --cli-input-json file://task.json
aws ecs update-service --cluster CLUSTER --service SERVICE --task-definition FAMILY
"""
[controls]
aws-fsbp = ["ECS.8"]
nist-800-53-r5 = ["IA-5(7)", "CM-2"]
*/
-- The latest active revision of each family; a verdict names the first container it is about.
with containers as (
  select
    c.arn,
    count(*) as total,
    sum(case when (array_contains(c.environment_names, 'AWS_ACCESS_KEY_ID') or array_contains(c.environment_names, 'AWS_SECRET_ACCESS_KEY') or array_contains(c.environment_names, 'ECS_ENGINE_AUTH_DATA')) then 1 else 0 end) as bad,
    sum(case when c.environment_names is null then 1 else 0 end) as unread,
    min(case when (array_contains(c.environment_names, 'AWS_ACCESS_KEY_ID') or array_contains(c.environment_names, 'AWS_SECRET_ACCESS_KEY') or array_contains(c.environment_names, 'ECS_ENGINE_AUTH_DATA')) then c.name end) as worst
  from ecs_container c
  group by c.arn
)
select
  t.arn as resource,
  case
    when c.bad > 0 then false
    when c.unread = 0 then true
  end as ok,
  case when c.bad > 0 then 'container ' || c.worst || ' has an AWS or registry credential among its variables' else 'no container has such a variable' end as reason
from ecs_task_definition t
left join containers c on c.arn = t.arn
