/*
title = "S3 bucket policies give other accounts no control over the bucket"
severity = "high"
duty = "data.exposure"
why = """\
An outside account that may change the policy, the ACLs or the encryption can take the bucket \
over."""
fix = """
aws s3api put-bucket-policy --bucket NAME --policy file://policy.json   # without those actions for other accounts
"""
[controls]
aws-fsbp = ["S3.6"]
nist-800-53-r5 = ["AC-3", "AC-6"]
*/
with granted as (
  select s.arn, s.account_id, unnest(s.actions) as action
  from policy_statement s
  where s.table_name = 's3_bucket'
    and s.effect = 'Allow'
    and (s.allows_anyone or array_to_string(s.external_accounts, ' ') <> '')
),
pattern as (
  select
    g.arn,
    g.account_id,
    replace(replace(lower(g.action), '*', '%'), '?', '_') as pattern
  from granted g
),
risky as (
  select p.arn, p.account_id, count(*) as found
  from pattern p
  where 's3:deletebucketpolicy' like p.pattern
        or 's3:putbucketacl' like p.pattern
        or 's3:putbucketpolicy' like p.pattern
        or 's3:putencryptionconfiguration' like p.pattern
        or 's3:putobjectacl' like p.pattern
  group by p.arn, p.account_id
)
select
  b.arn as resource,
  case when b.policy is not null then r.found is null end as ok,
  case
    when r.found is null then 'no other account may change its policy, ACLs or encryption'
    else 'its policy lets another account change policy, ACLs or encryption'
  end as reason
from s3_bucket b
left join risky r on r.arn = b.arn and r.account_id = b.account_id
