/*
title = "Custom event buses carry a policy"
severity = "low"
duty = "identity.least-privilege"
why = "Without a policy of its own, only identity policies decide who may put events on the bus."
fix = """
aws events put-permission --event-bus-name NAME --policy file://policy.json
"""
[controls]
aws-fsbp = ["EventBridge.3"]
nist-800-53-r5 = ["AC-6", "AC-3"]
*/
select
  b.arn as resource,
  b.policy <> '' as ok,
  case
    when b.policy <> '' then 'a policy is attached'
    when b.policy = '' then 'no policy is attached'
  end as reason
from events_event_bus b
where b.name <> 'default'
