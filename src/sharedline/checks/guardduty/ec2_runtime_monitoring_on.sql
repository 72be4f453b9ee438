/*
title = "GuardDuty has Runtime Monitoring of EC2 with a managed agent"
severity = "medium"
duty = "monitoring.threat-detection"
why = "Agents that people must install by hand are missing on the instances that matter."
fix = """
aws guardduty update-detector --detector-id ID --features \\
  '[{"Name": "RUNTIME_MONITORING", "Status": "ENABLED",
     "AdditionalConfiguration": [{"Name": "EC2_AGENT_MANAGEMENT", "Status": "ENABLED"}]}]'
"""
[controls]
aws-fsbp = ["GuardDuty.13"]
nist-800-53-r5 = ["SI-4", "SI-4(4)"]
*/
select
  d.arn as resource,
  (d.runtime_monitoring = 'ENABLED' and d.runtime_ec2_agent = 'ENABLED') as ok,
  case
    when (d.runtime_monitoring = 'ENABLED' and d.runtime_ec2_agent = 'ENABLED') then 'on, with a managed agent'
    when not ((d.runtime_monitoring = 'ENABLED' and d.runtime_ec2_agent = 'ENABLED'))
      then 'off, or its agent is not managed'
  end as reason
from guardduty_detector d
