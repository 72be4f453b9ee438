/*
title = "Customer managed policies do not grant whole services"
severity = "low"
duty = "identity.least-privilege"
why = "A wildcard over a service also grants what AWS adds to it tomorrow, and mostly its way to more permissions."
fix = """
aws iam create-policy-version --policy-arn ARN --set-as-default --policy-document file://narrow.json
# What is really used: aws accessanalyzer start-policy-generation
"""
[controls]
aws-fsbp = ["IAM.21"]
nist-800-53-r5 = ["AC-6", "AC-3"]
*/
select
  p.arn as resource,
  case when s.bad = 1 then false when s.unsure = 1 or s.arn is null then null else true end as ok,
  case
    when s.bad = 1 then 'a statement allows every action of a service'
    when s.unsure = 1 then 'a statement could not be read'
    when s.arn is not null then 'no statement allows a whole service'
  end as reason
from iam_policy p
left join (
  select
    x.arn,
    max(case when x.grants_full_service then 1 else 0 end) as bad,
    max(case when (x.grants_full_service) is null then 1 else 0 end) as unsure
  from policy_statement x
  where x.table_name = 'iam_policy'
  group by x.arn
) s on s.arn = p.arn
-- A policy that only bounds permissions grants none.
where not (p.permissions_boundary_usage_count > 0 and p.attachment_count = 0)
