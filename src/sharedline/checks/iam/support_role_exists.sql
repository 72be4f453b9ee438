/*
title = "A role for AWS Support cases exists"
severity = "low"
duty = "response.procedures"
why = "In an incident somebody must be able to open a case with AWS at once, without waiting for an administrator."
fix = """
aws iam create-role --role-name support --assume-role-policy-document file://trust.json
aws iam attach-role-policy --role-name support --policy-arn arn:aws:iam::aws:policy/AWSSupportAccess
"""
[controls]
"cis-aws-7.0.0" = ["2.15"]
nist-800-53-r5 = ["IR-7", "IR-4"]
*/
select
  a.arn as resource,
  case when s.found = 1 then true when s.unsure = 1 then null else false end as ok,
  case
    when s.found = 1 then 'AWSSupportAccess is attached to a role'
    when s.unsure = 1 then 'an attached policy was not named'
    else 'AWSSupportAccess is attached to no role'
  end as reason
from account a
left join (
  select
    x.account_id,
    max(case when x.policy_arn like '%:aws:policy/AWSSupportAccess' then 1 else 0 end) as found,
    max(case when x.policy_arn is null then 1 else 0 end) as unsure
  from iam_role_attached_policy x
  group by x.account_id
) s on s.account_id = a.account_id
