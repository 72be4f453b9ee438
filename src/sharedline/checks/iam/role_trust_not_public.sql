/*
title = "No role can be assumed by anybody"
severity = "critical"
duty = "identity.least-privilege"
why = "A trust policy open to everybody lets any AWS customer, or any user of a shared identity provider, act with the role's permissions."
fix = """
aws iam update-assume-role-policy --role-name ROLE --policy-document file://trust.json
"""
[controls]
"cis-aws-7.0.0" = ["2.21"]
nist-800-53-r5 = ["AC-3", "AC-6"]
*/
select
  r.arn as resource,
  not t.is_public as ok,
  coalesce(nullif(t.public_reason, ''), 'the trust policy names who may assume it') as reason
from iam_role r
left join resource_policy t on t.arn = r.arn and t.table_name = 'iam_role'
