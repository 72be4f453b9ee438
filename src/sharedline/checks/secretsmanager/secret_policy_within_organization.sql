/*
title = "Secrets can be read by nobody outside the organization"
severity = "high"
duty = "application.secrets"
why = "Whoever reads a secret can use it from anywhere, and nobody here sees it."
fix = """
aws secretsmanager get-resource-policy --secret-id NAME
aws secretsmanager put-resource-policy --secret-id NAME --resource-policy file://policy.json
"""
[controls]
nist-800-53-r5 = ["AC-3", "AC-20", "AC-21"]
[params]
# Accounts ("111122223333") and organizations ("o-example") that may be let in.
trusted = [""]
*/
with outsider as (
  select
    arn,
    account_id,
    max(case when outside then 1 else 0 end) as is_outside,
    max(case when outside is null then 1 else 0 end) as is_unclear,
    min(case when outside then grantee end) as grantee
  from external_grant
  where grantee is null or grantee not in $trusted
  group by arn, account_id
)
select
  x.arn as resource,
  case when e.is_outside = 1 then false when e.is_unclear = 1 then null else true end as ok,
  case
    when e.is_outside = 1 then 'its policy lets in ' || e.grantee
    when e.is_unclear = 1 then null
    else 'its policy lets in nobody outside the organization'
  end as reason
from secretsmanager_secret x
left join outsider e on e.arn = x.arn and e.account_id = x.account_id
