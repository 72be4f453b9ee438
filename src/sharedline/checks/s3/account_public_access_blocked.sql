/*
title = "The account blocks public access for all its S3 buckets"
severity = "medium"
duty = "data.exposure"
why = """\
The account's setting also covers buckets that somebody creates tomorrow without thinking of it."""
fix = """
aws s3control put-public-access-block --account-id ACCOUNT --public-access-block-configuration \\
  BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
"""
[controls]
aws-fsbp = ["S3.1"]
"cis-aws-7.0.0" = ["3.1.4"]
nist-800-53-r5 = ["AC-3", "AC-21", "SC-7"]
*/
select
  a.arn as resource,
  a.block_public_acls and a.ignore_public_acls
    and a.block_public_policy and a.restrict_public_buckets as ok,
  case
    when a.block_public_acls is false then 'BlockPublicAcls is off'
    when a.ignore_public_acls is false then 'IgnorePublicAcls is off'
    when a.block_public_policy is false then 'BlockPublicPolicy is off'
    when a.restrict_public_buckets is false then 'RestrictPublicBuckets is off'
    else 'all four settings are on'
  end as reason
from s3_account_public_access_block a
