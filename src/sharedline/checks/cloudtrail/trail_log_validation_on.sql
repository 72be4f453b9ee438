/*
title = "Trails sign their log files"
severity = "low"
duty = "monitoring.audit-logging"
why = "Signed digests show whether a log file was changed or removed after delivery; without them nobody can rely on the record."
fix = """
aws cloudtrail update-trail --name NAME --enable-log-file-validation
"""
[controls]
aws-fsbp = ["CloudTrail.4"]
"cis-aws-7.0.0" = ["4.2"]
nist-800-53-r5 = ["AU-9", "SI-7(1)", "SI-7(7)"]
*/
select
  t.arn as resource,
  t.log_file_validation_enabled as ok,
  case when t.log_file_validation_enabled then 'digest files are delivered' when not (t.log_file_validation_enabled) then 'log file validation is off' end as reason
from cloudtrail_trail t
