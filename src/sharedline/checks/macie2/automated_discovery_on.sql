/*
title = "Macie looks for sensitive data by itself"
severity = "high"
duty = "data.classification"
why = "Jobs that somebody must start look once; automated discovery keeps looking as buckets fill."
fix = """
aws macie2 update-automated-discovery-configuration --status ENABLED
"""
[controls]
aws-fsbp = ["Macie.2"]
nist-800-53-r5 = ["RA-5", "CA-7"]
*/
select
  m.arn as resource,
  m.automated_discovery_status = 'ENABLED' as ok,
  case
    when m.automated_discovery_status = 'ENABLED' then 'automated discovery is on'
    when m.automated_discovery_status <> 'ENABLED' then 'automated discovery is off'
  end as reason
from macie2_session m
