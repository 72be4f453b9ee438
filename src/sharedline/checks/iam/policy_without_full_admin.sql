/*
title = "Customer managed policies do not grant everything"
severity = "high"
duty = "identity.least-privilege"
why = "A policy that allows every action on every resource makes each of its holders an administrator, and each stolen credential too."
fix = """
aws iam create-policy-version --policy-arn ARN --set-as-default --policy-document file://narrow.json
# What is really used: aws accessanalyzer start-policy-generation
"""
[controls]
aws-fsbp = ["IAM.1"]
nist-800-53-r5 = ["AC-6", "AC-3", "AC-6(2)", "AC-6(10)"]
*/
select
  p.arn as resource,
  case when s.bad = 1 then false when s.unsure = 1 or s.arn is null then null else true end as ok,
  case
    when s.bad = 1 then 'a statement allows every action on every resource'
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
-- A policy that only bounds permissions grants none.
where not (p.permissions_boundary_usage_count > 0 and p.attachment_count = 0)
