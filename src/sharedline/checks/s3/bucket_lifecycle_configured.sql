/*
title = "S3 buckets have lifecycle rules"
severity = "low"
duty = "data.retention-deletion"
why = """\
Data without a rule for its end is kept for ever: more to lose, and often longer than the law \
allows."""
fix = """
aws s3api put-bucket-lifecycle-configuration --bucket NAME --lifecycle-configuration file://lifecycle.json
"""
[controls]
aws-fsbp = ["S3.13"]
nist-800-53-r5 = ["SI-12"]
*/
select
  b.arn as resource,
  b.has_lifecycle as ok,
  case
    when b.has_lifecycle then 'an enabled lifecycle rule exists'
    else 'no enabled lifecycle rule exists'
  end as reason
from s3_bucket b
