/*
title = "Policies of the organization are managed outside the management account"
severity = "low"
duty = "identity.least-privilege"
why = "Every sign-in to the management account is a risk for all accounts; policy work can be delegated to another one."
fix = """
aws organizations put-resource-policy --content file://delegation.json
"""
[controls]
"cis-aws-7.0.0" = ["2.1.5"]
nist-800-53-r5 = ["AC-5", "AC-6"]
*/
select
  o.arn as resource,
  case when p.found is null then false else p.content <> '' end as ok,
  case when p.found is null then 'there is no delegation policy' else 'a delegation policy exists' end as reason
from organizations_organization o
left join (
  select x.account_id, min(x.arn) as found, min(x.content) as content
  from organizations_resource_policy x
  group by x.account_id
) p on p.account_id = o.account_id
where o.master_account_id = o.account_id
