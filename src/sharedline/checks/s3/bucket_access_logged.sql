/*
title = "S3 buckets log the requests they answer"
severity = "medium"
duty = "monitoring.audit-logging"
why = """\
Server access logs show who read or wrote which object; without them an exposure cannot be \
measured afterwards."""
fix = """
aws s3api put-bucket-logging --bucket NAME --bucket-logging-status \\
  '{"LoggingEnabled": {"TargetBucket": "LOG_BUCKET", "TargetPrefix": "NAME/"}}'
"""
[controls]
aws-fsbp = ["S3.9"]
nist-800-53-r5 = ["AU-2", "AU-3", "AU-12"]
*/
select
  b.arn as resource,
  b.logging_target_bucket <> '' as ok,
  case
    when b.logging_target_bucket <> '' then 'requests are logged to ' || b.logging_target_bucket
    else 'server access logging is off'
  end as reason
from s3_bucket b
