/*
title = "Somebody reviewed who has access to the account"
severity = "medium"
duty = "identity.access-review"
why = "Access is given for a reason and outlives it; only a person who knows the work can say which access is still needed."
fix = """
aws iam generate-credential-report && aws iam get-credential-report
sharedline attest identity.access-review --scope ACCOUNT_ID --evidence "minutes of the review"
"""
[controls]
nist-800-53-r5 = ["AC-2", "AC-6(7)"]
*/
select
  a.arn as resource,
  case when t.n is null then false when t.until is null then null else t.until > scan.as_of end as ok,
  case
    when t.n is null then 'nobody attested an access review'
    when t.until <= scan.as_of then 'the last attestation expired on ' || cast(cast(t.until as date) as varchar)
    else 'attested until ' || cast(cast(t.until as date) as varchar)
  end as reason
from account a
left join (
  select x.account, count(*) as n, max(x.expires) as until
  from (
    select b.account_id as account, t.expires as expires
    from account b
    join attestation t on t.duty = 'identity.access-review' and (t.scope = b.account_id or t.scope = '*')
  ) x
  group by x.account
) t on t.account = a.account_id
