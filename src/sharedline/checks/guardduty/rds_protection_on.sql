/*
title = "GuardDuty has RDS Protection"
severity = "high"
duty = "monitoring.threat-detection"
why = "It notices sign-ins to databases from unusual places, and guessed passwords."
fix = """
aws guardduty update-detector --detector-id ID --features Name=RDS_LOGIN_EVENTS,Status=ENABLED
"""
[controls]
aws-fsbp = ["GuardDuty.9"]
nist-800-53-r5 = ["SI-4", "SI-4(4)"]
*/
select
  d.arn as resource,
  d.rds_login_events = 'ENABLED' as ok,
  case
    when d.rds_login_events = 'ENABLED' then 'RDS Protection is on'
    when not (d.rds_login_events = 'ENABLED') then 'RDS Protection is off'
  end as reason
from guardduty_detector d
