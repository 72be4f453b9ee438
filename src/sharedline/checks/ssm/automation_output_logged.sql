/*
title = "Systems Manager Automation writes script output to CloudWatch Logs"
severity = "medium"
duty = "monitoring.audit-logging"
why = "Automation changes machines on its own; without the output of its scripts nobody can tell afterwards what it did."
fix = """
aws ssm update-service-setting --region REGION --setting-value CloudWatch \\
  --setting-id /ssm/automation/customer-script-log-destination
"""
[controls]
aws-fsbp = ["SSM.6"]
nist-800-53-r5 = ["AU-2", "AU-12"]
*/
select
  s.arn as resource,
  s.setting_value = 'CloudWatch' as ok,
  case
    when s.setting_value = 'CloudWatch' then 'script output goes to CloudWatch Logs'
    else 'the output of Automation scripts is not kept'
  end as reason
from ssm_automation_logging s
