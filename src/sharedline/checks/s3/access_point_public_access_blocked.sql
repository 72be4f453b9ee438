/*
title = "S3 access points block public access"
severity = "critical"
duty = "data.exposure"
why = """\
An access point is a second door to a bucket with a policy of its own; its block can only be set \
when it is created."""
fix = """
# The settings cannot be changed later: create a new access point and delete this one.
aws s3control create-access-point --account-id ACCOUNT --name NEW --bucket BUCKET \\
  --public-access-block-configuration \\
  BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
aws s3control delete-access-point --account-id ACCOUNT --name NAME
"""
[controls]
aws-fsbp = ["S3.19"]
nist-800-53-r5 = ["AC-3", "AC-21", "SC-7"]
*/
select
  p.arn as resource,
  p.block_public_acls and p.ignore_public_acls
    and p.block_public_policy and p.restrict_public_buckets as ok,
  case
    when p.block_public_acls is false then 'BlockPublicAcls is off'
    when p.ignore_public_acls is false then 'IgnorePublicAcls is off'
    when p.block_public_policy is false then 'BlockPublicPolicy is off'
    when p.restrict_public_buckets is false then 'RestrictPublicBuckets is off'
    else 'all four settings are on'
  end as reason
from s3_access_point p
