/*
title = "Trails are encrypted with a KMS key"
severity = "medium"
duty = "monitoring.audit-logging"
why = "With a KMS key, reading the log needs a permission on the key besides one on the bucket, and each use of the key is recorded."
fix = """
aws cloudtrail update-trail --name NAME --kms-key-id KEY_ARN   # the key policy must let CloudTrail use it
"""
[controls]
aws-fsbp = ["CloudTrail.2"]
"cis-aws-7.0.0" = ["4.5"]
nist-800-53-r5 = ["AU-9", "SC-28", "SC-28(1)"]
*/
select
  t.arn as resource,
  t.kms_key_id <> '' as ok,
  case when t.kms_key_id <> '' then 'encrypted with ' || t.kms_key_id when not (t.kms_key_id <> '') then 'no KMS key: only S3 default encryption' end as reason
from cloudtrail_trail t
