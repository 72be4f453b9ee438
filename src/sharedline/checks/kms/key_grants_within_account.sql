/*
title = "Grants on KMS keys stay within the account"
severity = "medium"
duty = "data.key-management"
why = """\
A grant works like a policy statement that no policy review shows; one to another account lets it \
decrypt your data."""
fix = """
aws kms list-grants --key-id KEY_ID
aws kms revoke-grant --key-id KEY_ID --grant-id GRANT_ID
"""
[controls]
nist-800-53-r5 = ["AC-3", "AC-6"]
*/
with foreign_grant as (
  select g.key_arn, g.account_id, count(*) as found, min(g.grantee_principal) as example
  from kms_grant g
  where g.grantee_principal like 'arn:%'
    and g.grantee_principal not like 'arn:%:%:%:%:' || g.account_id || ':%'
    and g.grantee_principal not like 'arn:%::' || g.account_id || ':%'
  group by g.key_arn, g.account_id
)
select
  k.arn as resource,
  case when k.key_state is not null then f.found is null end as ok,
  case
    when f.found is null then 'no grant goes to another account'
    else 'a grant goes to ' || f.example
  end as reason
from kms_key k
left join foreign_grant f on f.key_arn = k.arn and f.account_id = k.account_id
where k.key_manager = 'CUSTOMER'
