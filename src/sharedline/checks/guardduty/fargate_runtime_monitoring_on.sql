/*
title = "GuardDuty has Runtime Monitoring of ECS on Fargate"
severity = "medium"
duty = "monitoring.threat-detection"
why = "On Fargate no agent can be installed by hand: what GuardDuty does not add, nobody sees."
fix = """
aws guardduty update-detector --detector-id ID --features \\
  '[{"Name": "RUNTIME_MONITORING", "Status": "ENABLED",
     "AdditionalConfiguration": [{"Name": "ECS_FARGATE_AGENT_MANAGEMENT", "Status": "ENABLED"}]}]'
"""
[controls]
aws-fsbp = ["GuardDuty.12"]
nist-800-53-r5 = ["SI-4", "SI-4(4)"]
*/
select
  d.arn as resource,
  (d.runtime_monitoring = 'ENABLED' and d.runtime_ecs_agent = 'ENABLED') as ok,
  case
    when (d.runtime_monitoring = 'ENABLED' and d.runtime_ecs_agent = 'ENABLED') then 'on, with a managed agent'
    when not ((d.runtime_monitoring = 'ENABLED' and d.runtime_ecs_agent = 'ENABLED'))
      then 'off, or its agent is not managed'
  end as reason
from guardduty_detector d
