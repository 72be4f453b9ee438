/*
title = "GuardDuty has S3 Protection"
severity = "high"
duty = "monitoring.threat-detection"
why = "Without it, GuardDuty does not see objects being read, copied or deleted by somebody who should not."
fix = """
aws guardduty update-detector --detector-id ID --features Name=S3_DATA_EVENTS,Status=ENABLED
"""
[controls]
aws-fsbp = ["GuardDuty.10"]
nist-800-53-r5 = ["SI-4", "SI-4(4)"]
*/
select
  d.arn as resource,
  d.s3_data_events = 'ENABLED' as ok,
  case
    when d.s3_data_events = 'ENABLED' then 'S3 Protection is on'
    when not (d.s3_data_events = 'ENABLED') then 'S3 Protection is off'
  end as reason
from guardduty_detector d
