/*
title = "GuardDuty has Runtime Monitoring"
severity = "high"
duty = "monitoring.threat-detection"
why = "It sees processes, files and connections on the hosts, which no API log shows."
fix = """
aws guardduty update-detector --detector-id ID --features Name=RUNTIME_MONITORING,Status=ENABLED
"""
[controls]
aws-fsbp = ["GuardDuty.11"]
nist-800-53-r5 = ["SI-4", "SI-4(4)"]
*/
select
  d.arn as resource,
  d.runtime_monitoring = 'ENABLED' as ok,
  case
    when d.runtime_monitoring = 'ENABLED' then 'Runtime Monitoring is on'
    when not (d.runtime_monitoring = 'ENABLED') then 'Runtime Monitoring is off'
  end as reason
from guardduty_detector d
