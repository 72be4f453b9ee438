/*
title = "Environment variables of ECS containers hold no credentials"
severity = "high"
duty = "application.secrets"
why = "A password in a task definition is readable by everybody who may describe it, in every revision ever registered."
fix = """
# Register a new revision with the change below, then move the services to it.
aws ecs describe-task-definition --task-definition FAMILY --query taskDefinition > task.json
# In task.json: move the variable from environment to secrets with "valueFrom": the ARN of the secret;
# then change the credential: it has been in the open.
aws ecs register-task-definition --cli-input-json file://task.json
aws ecs update-service --cluster CLUSTER --service SERVICE --task-definition FAMILY
"""
[controls]
nist-800-53-r5 = ["IA-5(7)", "SC-28"]
*/
-- The latest active revision of each family; a verdict names the first container it is about.
with containers as (
  select
    c.arn,
    count(*) as total,
    sum(case when c.environment_secrets <> '{}' then 1 else 0 end) as bad,
    sum(case when c.environment_secrets is null then 1 else 0 end) as unread,
    min(case when c.environment_secrets <> '{}' then c.name end) as worst
  from ecs_container c
  group by c.arn
)
select
  t.arn as resource,
  case
    when c.bad > 0 then false
    when c.unread = 0 then true
  end as ok,
  case when c.bad > 0 then 'container ' || c.worst || ' has credentials among its variables' else 'no variable holds a credential' end as reason
from ecs_task_definition t
left join containers c on c.arn = t.arn
