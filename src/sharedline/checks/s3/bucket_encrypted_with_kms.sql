/*
title = "S3 buckets encrypt with a KMS key"
severity = "medium"
duty = "data.key-management"
why = """\
Keys that S3 owns decrypt for everyone who may read the object; a KMS key asks a second \
permission and leaves a record of each use."""
fix = """
aws s3api put-bucket-encryption --bucket NAME --server-side-encryption-configuration \\
  '{"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "KEY_ARN"}, "BucketKeyEnabled": true}]}'
"""
[controls]
nist-800-53-r5 = ["SC-12", "SC-28(1)"]
*/
select
  b.arn as resource,
  b.sse_algorithm in ('aws:kms', 'aws:kms:dsse') as ok,
  case
    when b.sse_algorithm = '' then 'there is no default encryption'
    else 'the default encryption is ' || b.sse_algorithm
  end as reason
from s3_bucket b
