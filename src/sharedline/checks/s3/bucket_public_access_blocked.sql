/*
title = "S3 buckets block public access, by themselves or through the account"
severity = "high"
duty = "data.exposure"
why = """\
Without all four Block Public Access settings one careless policy or ACL publishes the bucket's \
objects to the internet."""
fix = """
aws s3api put-public-access-block --bucket NAME --public-access-block-configuration \\
  BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
"""
[controls]
"cis-aws-7.0.0" = ["3.1.4"]
nist-800-53-r5 = ["AC-3", "AC-21", "SC-7"]
*/
select
  b.arn as resource,
  (b.block_public_acls or a.block_public_acls)
    and (b.ignore_public_acls or a.ignore_public_acls)
    and (b.block_public_policy or a.block_public_policy)
    and (b.restrict_public_buckets or a.restrict_public_buckets) as ok,
  case
    when not (b.block_public_acls or a.block_public_acls)
      then 'new public ACLs are accepted (BlockPublicAcls is off here and for the account)'
    when not (b.ignore_public_acls or a.ignore_public_acls)
      then 'public ACLs count (IgnorePublicAcls is off here and for the account)'
    when not (b.block_public_policy or a.block_public_policy)
      then 'a public policy is accepted (BlockPublicPolicy is off here and for the account)'
    when not (b.restrict_public_buckets or a.restrict_public_buckets)
      then 'a public policy counts (RestrictPublicBuckets is off here and for the account)'
    else 'all four settings are on, for the bucket or for the account'
  end as reason
from s3_bucket b
left join s3_account_public_access_block a on a.account_id = b.account_id
