/*
title = "Metric alarms do something when they go off"
severity = "high"
duty = "monitoring.alerting"
why = "An alarm without an action turns red on a page that nobody looks at."
fix = """
aws cloudwatch put-metric-alarm --alarm-name NAME ... --alarm-actions TOPIC_ARN
"""
[controls]
nist-800-53-r5 = ["SI-4(5)", "IR-4(1)"]
*/
select
  a.arn as resource,
  array_to_string(a.alarm_actions, ' ') <> '' as ok,
  case
    when array_to_string(a.alarm_actions, ' ') <> ''
      then 'it tells ' || array_to_string(a.alarm_actions, ', ')
    when array_to_string(a.alarm_actions, ' ') = '' then 'no action for the ALARM state'
  end as reason
from cloudwatch_alarm a
where a.kind = 'metric'
