/*
title = "Policies embedded in groups do not grant everything"
severity = "high"
duty = "identity.least-privilege"
why = "An embedded policy is seen only by who opens the group; one that allows everything hides an administrator."
fix = """
aws iam get-group-policy --group-name NAME --policy-name POLICY
aws iam delete-group-policy --group-name NAME --policy-name POLICY
"""
[controls]
nist-800-53-r5 = ["AC-6", "AC-6(2)"]
*/
select
  r.arn as resource,
  case when s.bad = 1 then false when s.unsure = 1 then null else true end as ok,
  case
    when s.bad = 1 then 'the embedded policy ' || s.name || ' allows every action on every resource'
    when s.unsure = 1 then 'a statement could not be read'
    else 'no embedded policy allows everything'
  end as reason
from iam_group r
left join (
  select
    x.arn,
    min(case when x.grants_everything then x.policy_name end) as name,
    max(case when x.grants_everything then 1 else 0 end) as bad,
    max(case when x.grants_everything is null then 1 else 0 end) as unsure
  from policy_statement x
  where x.table_name = 'iam_group' and x.kind = 'identity'
  group by x.arn
) s on s.arn = r.arn
