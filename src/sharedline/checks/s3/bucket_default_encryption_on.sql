/*
title = "S3 buckets encrypt new objects by default"
severity = "medium"
duty = "data.encryption-at-rest"
why = """\
Default encryption covers the objects of writers who do not ask for it; a bucket without it \
predates S3's own default."""
fix = """
aws s3api put-bucket-encryption --bucket NAME --server-side-encryption-configuration \\
  '{"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": true}]}'
"""
[controls]
nist-800-53-r5 = ["SC-28", "SC-28(1)"]
*/
select
  b.arn as resource,
  b.sse_algorithm <> '' as ok,
  case
    when b.sse_algorithm <> '' then 'new objects are encrypted with ' || b.sse_algorithm
    else 'there is no default encryption'
  end as reason
from s3_bucket b
