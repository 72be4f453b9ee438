/*
title = "S3 buckets cannot be written by everybody"
severity = "critical"
duty = "data.exposure"
why = """\
A bucket that everybody can write serves other people's malware, loses your objects and bills you \
for theirs."""
fix = """
aws s3api put-public-access-block --bucket NAME --public-access-block-configuration \\
  BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
aws s3api put-bucket-acl --bucket NAME --acl private
"""
[controls]
aws-fsbp = ["S3.3"]
nist-800-53-r5 = ["AC-3", "AC-21", "SC-7"]
*/
with public_grant as (
  select
    p.arn,
    p.account_id,
    max(case
      when p.nothing_named then 1
      when p.patterns like '% * %'
          or p.patterns like '% s3:* %'
          or p.patterns like '% s3:p%'
          or p.patterns like '% s3:d%'
          or p.patterns like '% s3:a%'
          or p.patterns like '% s3:r%'
          or p.patterns like '% s3:c%'
          or p.patterns like '% s3:b%'
          or p.patterns like '% s3:i%'
          or p.patterns like '% s3:o%'
          or p.patterns like '% s3:u%'
        then 1
      else 0
    end) = 1 as applies
  from (
    select
      s.arn,
      s.account_id,
      array_to_string(s.actions, ' ') = '' as nothing_named,
      ' ' || lower(array_to_string(s.actions, ' ')) || ' ' as patterns
    from policy_statement s
    where s.table_name = 's3_bucket'
      and s.effect = 'Allow'
      and (s.allows_anyone or s.allows_anyone is null)
  ) p
  group by p.arn, p.account_id
),
judged as (
  select
    b.arn,
    coalesce(r.is_public, b.policy_status_is_public)
      and g.applies
      and not (b.restrict_public_buckets or a.restrict_public_buckets) as by_policy,
    (array_contains(b.acl_public_permissions, 'WRITE') or array_contains(b.acl_public_permissions, 'WRITE_ACP') or array_contains(b.acl_public_permissions, 'FULL_CONTROL'))
      and b.object_ownership <> 'BucketOwnerEnforced'
      and not (b.ignore_public_acls or a.ignore_public_acls) as by_acl
  from s3_bucket b
  left join resource_policy r on r.arn = b.arn and r.account_id = b.account_id
  left join public_grant g on g.arn = b.arn and g.account_id = b.account_id
  left join s3_account_public_access_block a on a.account_id = b.account_id
)
select
  b.arn as resource,
  not (j.by_policy or j.by_acl) as ok,
  case
    when j.by_policy then 'its policy lets everybody write and nothing restricts it'
    when j.by_acl then 'its ACL lets everybody write and ACLs are not ignored'
    else 'nobody outside can write through policy or ACL'
  end as reason
from s3_bucket b
left join judged j on j.arn = b.arn
