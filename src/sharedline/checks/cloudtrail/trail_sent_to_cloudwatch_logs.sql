/*
title = "Trails are sent to CloudWatch Logs"
severity = "medium"
duty = "monitoring.audit-logging"
why = "Metric filters and alarms see events within minutes only if the trail also goes to a log group."
fix = """
aws cloudtrail update-trail --name NAME --cloud-watch-logs-log-group-arn LOG_GROUP_ARN \\
  --cloud-watch-logs-role-arn ROLE_ARN
"""
[controls]
aws-fsbp = ["CloudTrail.5"]
nist-800-53-r5 = ["AU-6", "AU-6(1)", "SI-4(5)"]
*/
select
  t.arn as resource,
  t.cloud_watch_logs_log_group_arn <> '' as ok,
  case when t.cloud_watch_logs_log_group_arn <> '' then 'sent to ' || t.cloud_watch_logs_log_group_arn when not (t.cloud_watch_logs_log_group_arn <> '') then 'no log group receives the trail' end as reason
from cloudtrail_trail t
