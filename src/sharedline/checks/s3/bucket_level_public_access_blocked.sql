/*
title = "S3 buckets block public access at the bucket's own level"
severity = "high"
duty = "data.exposure"
why = """\
The account's block can be lifted in one call for all buckets at once; a bucket with its own \
block stays closed."""
fix = """
aws s3api put-public-access-block --bucket NAME --public-access-block-configuration \\
  BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
"""
[controls]
aws-fsbp = ["S3.8"]
nist-800-53-r5 = ["AC-3", "AC-21", "SC-7"]
*/
select
  b.arn as resource,
  b.block_public_acls and b.ignore_public_acls
    and b.block_public_policy and b.restrict_public_buckets as ok,
  case
    when b.block_public_acls is false then 'BlockPublicAcls is off'
    when b.ignore_public_acls is false then 'IgnorePublicAcls is off'
    when b.block_public_policy is false then 'BlockPublicPolicy is off'
    when b.restrict_public_buckets is false then 'RestrictPublicBuckets is off'
    else 'all four settings are on'
  end as reason
from s3_bucket b
