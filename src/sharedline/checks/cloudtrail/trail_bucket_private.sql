/*
title = "The buckets of trails are not public"
severity = "critical"
duty = "data.exposure"
why = "The log tells a reader which roles exist, who works when and from where, and which calls were refused: a map for an attack."
fix = """
aws s3api put-public-access-block --bucket BUCKET --public-access-block-configuration \\
  BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
"""
[controls]
nist-800-53-r5 = ["AC-3", "AU-9"]
*/
with open_bucket as (
  select
    b.name,
    p.is_public and not (b.restrict_public_buckets or a.restrict_public_buckets) as by_policy,
    array_to_string(b.acl_public_permissions, ' ') <> ''
      and b.object_ownership <> 'BucketOwnerEnforced'
      and not (b.ignore_public_acls or a.ignore_public_acls) as by_acl
  from s3_bucket b
  left join resource_policy p on p.arn = b.arn and p.account_id = b.account_id
  left join s3_account_public_access_block a on a.account_id = b.account_id
)
select
  t.arn as resource,
  not (o.by_policy or o.by_acl) as ok,
  case
    when o.name is null
      then 'bucket ' || t.s3_bucket_name || ' belongs to an account that was not scanned'
    when o.by_policy then 'the policy of bucket ' || o.name || ' lets everybody in'
    when o.by_acl then 'the ACL of bucket ' || o.name || ' lets everybody in'
    when not (o.by_policy or o.by_acl) then 'bucket ' || o.name || ' is private'
  end as reason
from cloudtrail_trail t
left join open_bucket o on o.name = t.s3_bucket_name
