/*
title = "The actions of metric alarms are switched on"
severity = "high"
duty = "monitoring.alerting"
why = "Actions switched off for maintenance and forgotten make an alarm silent."
fix = """
aws cloudwatch enable-alarm-actions --alarm-names NAME
"""
[controls]
nist-800-53-r5 = ["SI-4(5)", "AU-6(1)"]
*/
select
  a.arn as resource,
  a.actions_enabled as ok,
  case
    when a.actions_enabled then 'actions are on'
    when not a.actions_enabled then 'actions are switched off'
  end as reason
from cloudwatch_alarm a
where a.kind = 'metric'
