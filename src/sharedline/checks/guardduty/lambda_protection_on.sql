/*
title = "GuardDuty has Lambda Protection"
severity = "high"
duty = "monitoring.threat-detection"
why = "It notices functions that talk to command-and-control servers or mine coins."
fix = """
aws guardduty update-detector --detector-id ID --features Name=LAMBDA_NETWORK_LOGS,Status=ENABLED
"""
[controls]
aws-fsbp = ["GuardDuty.6"]
nist-800-53-r5 = ["SI-4", "SI-4(4)"]
*/
select
  d.arn as resource,
  d.lambda_network_logs = 'ENABLED' as ok,
  case
    when d.lambda_network_logs = 'ENABLED' then 'Lambda Protection is on'
    when not (d.lambda_network_logs = 'ENABLED') then 'Lambda Protection is off'
  end as reason
from guardduty_detector d
