/*
title = "A guardrail policy covers every member account"
severity = "medium"
duty = "identity.least-privilege"
why = "Without a service or resource control policy an administrator of the account may switch off logging, leave the organization, or open everything."
fix = """
aws organizations create-policy --type SERVICE_CONTROL_POLICY --name guardrails \\
  --description guardrails --content file://scp.json
aws organizations attach-policy --policy-id POLICY --target-id ROOT_OU_OR_ACCOUNT
"""
[controls]
"cis-aws-7.0.0" = ["2.1.2"]
nist-800-53-r5 = ["AC-6", "AC-3"]
*/
select
  m.arn as resource,
  case
    when m.id = o.master_account_id then true
    when g.found = 1 then true
    when m.path is null and m.parent_id is null then null
    when m.path is null and m.parent_id like 'ou-%' then null
    else false
  end as ok,
  case
    when m.id = o.master_account_id then 'the management account: control policies do not reach it'
    when g.found = 1 then 'a customer made control policy covers it'
    when m.path is null and (m.parent_id is null or m.parent_id like 'ou-%')
      then 'the units above the account are not known'
    else 'no customer made control policy is attached to it, its units or the root'
  end as reason
from organizations_account m
left join organizations_organization o on o.account_id = m.account_id
left join (
  select a.id, max(1) as found
  from organizations_account a
  join organizations_policy_target t
    on t.account_id = a.account_id
    and (
      t.target_type = 'ROOT' or t.target_id = a.id or t.target_id = a.parent_id
      or a.path like ('%/' || t.target_id || '/%')
    )
  where t.policy_type in ('SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY')
    and not t.aws_managed
  group by a.id
) g on g.id = m.id
where m.status <> 'SUSPENDED'
