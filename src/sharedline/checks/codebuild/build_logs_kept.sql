/*
title = "CodeBuild projects keep the logs of their builds"
severity = "medium"
duty = "monitoring.audit-logging"
why = "A build turns source into what runs in production; without its log nobody can tell afterwards what went in."
fix = """
aws codebuild update-project --name NAME --logs-config cloudWatchLogs={status=ENABLED}
"""
[controls]
aws-fsbp = ["CodeBuild.4"]
nist-800-53-r5 = ["AU-2", "AU-12"]
*/
select
  c.arn as resource,
  c.cloud_watch_logs_status = 'ENABLED' or c.s3_logs_status = 'ENABLED' as ok,
  case when c.cloud_watch_logs_status = 'ENABLED' or c.s3_logs_status = 'ENABLED' then 'build logs are kept' else 'build logs are thrown away' end as reason
from codebuild_project c
