/*
title = "The account belongs to an organization"
severity = "high"
duty = "configuration.baseline"
why = "Guardrails, central logging and central root access reach only accounts of the organization."
fix = """
# From the management account:
aws organizations invite-account-to-organization --target Id=ACCOUNT_ID,Type=ACCOUNT
"""
[controls]
nist-800-53-r5 = ["CM-2", "CA-9(1)"]
*/
select
  a.arn as resource,
  case when o.arn is null then false else o.id <> '' end as ok,
  case when o.arn is null then 'the account is in no organization' else 'member of ' || o.id end as reason
from account a
left join organizations_organization o on o.account_id = a.account_id
