/*
title = "Somebody confirmed that the account's contact details are current"
severity = "low"
duty = "response.ownership"
why = "AWS closes accounts and sends legal and security notices by these details; only a person can say that they still lead to somebody."
fix = """
aws account get-contact-information
sharedline attest response.ownership --scope ACCOUNT_ID --evidence "contacts called on DATE"
"""
[controls]
"cis-aws-7.0.0" = ["2.2"]
nist-800-53-r5 = ["IR-6", "IR-7"]
*/
select
  a.arn as resource,
  case when t.n is null then false when t.until is null then null else t.until > scan.as_of end as ok,
  case
    when t.n is null then 'nobody attested the contact details'
    when t.until <= scan.as_of then 'the last attestation expired on ' || cast(cast(t.until as date) as varchar)
    else 'attested until ' || cast(cast(t.until as date) as varchar)
  end as reason
from account a
left join (
  select x.account, count(*) as n, max(x.expires) as until
  from (
    select b.account_id as account, t.expires as expires
    from account b
    join attestation t on t.duty = 'response.ownership' and (t.scope = b.account_id or t.scope = '*')
  ) x
  group by x.account
) t on t.account = a.account_id
