/*
title = "Step Functions state machines log their executions"
severity = "medium"
duty = "monitoring.audit-logging"
why = "A state machine moves data between services by itself; without logs its failed and odd executions leave no trace after 90 days."
fix = """
aws stepfunctions update-state-machine --state-machine-arn ARN --logging-configuration \\
  'level=ERROR,destinations=[{cloudWatchLogsLogGroup={logGroupArn=LOG_GROUP_ARN}}]'
"""
[controls]
aws-fsbp = ["StepFunctions.1"]
nist-800-53-r5 = ["AU-2", "AU-12"]
*/
select
  s.arn as resource,
  s.logging_level <> 'OFF' as ok,
  case when s.logging_level <> 'OFF' then 'executions are logged' else 'executions are not logged' end as reason
from stepfunctions_state_machine s
