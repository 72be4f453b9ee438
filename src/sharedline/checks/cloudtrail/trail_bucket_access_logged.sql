/*
title = "Access to the buckets of trails is logged"
severity = "low"
duty = "monitoring.audit-logging"
why = "Whoever reads or removes the audit log should leave a trace of it somewhere else."
fix = """
aws s3api put-bucket-logging --bucket BUCKET --bucket-logging-status \\
  '{"LoggingEnabled": {"TargetBucket": "OTHER_BUCKET", "TargetPrefix": "audit/"}}'
"""
[controls]
"cis-aws-7.0.0" = ["4.4"]
nist-800-53-r5 = ["AU-2", "AU-3", "AU-12"]
*/
select
  t.arn as resource,
  b.logging_target_bucket <> '' as ok,
  case
    when b.name is null
      then 'bucket ' || t.s3_bucket_name || ' belongs to an account that was not scanned'
    when b.logging_target_bucket <> ''
      then 'access to ' || b.name || ' is logged to ' || b.logging_target_bucket
    when b.logging_target_bucket = '' then 'access to bucket ' || b.name || ' is not logged'
  end as reason
from cloudtrail_trail t
left join s3_bucket b on b.name = t.s3_bucket_name
