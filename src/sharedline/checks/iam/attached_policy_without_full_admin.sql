/*
title = "Attached customer managed policies do not grant everything"
severity = "high"
duty = "identity.least-privilege"
why = "Whoever holds a policy that allows everything is an administrator, whatever their job is."
fix = """
aws iam list-entities-for-policy --policy-arn ARN
aws iam detach-role-policy --role-name ROLE --policy-arn ARN
"""
[controls]
"cis-aws-7.0.0" = ["2.14"]
nist-800-53-r5 = ["AC-6", "AC-6(2)"]
*/
select
  p.arn as resource,
  case when s.bad = 1 then false when s.unsure = 1 or s.arn is null then null else true end as ok,
  case
    when s.bad = 1 then 'it is attached and allows every action on every resource'
    when s.unsure = 1 then 'a statement could not be read'
    when s.arn is not null then 'no statement allows everything'
  end as reason
from iam_policy p
left join (
  select
    x.arn,
    max(case when x.effect = 'Allow' and x.all_actions and x.all_resources then 1 else 0 end) as bad,
    max(case when (x.effect = 'Allow' and x.all_actions and x.all_resources) is null then 1 else 0 end) as unsure
  from policy_statement x
  where x.table_name = 'iam_policy'
  group by x.arn
) s on s.arn = p.arn
where p.attachment_count > 0
