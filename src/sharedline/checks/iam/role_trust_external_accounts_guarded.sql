/*
title = "Roles trusted to outside accounts ask for more than credentials"
severity = "high"
duty = "identity.least-privilege"
why = "An outside account that serves many customers can be talked into using your role for another of them; an external id or a fixed origin prevents it."
fix = """
# In the trust policy's statement for the outside account:
#   "Condition": {"StringEquals": {"sts:ExternalId": "A-VALUE-AGREED-WITH-THEM"}}
aws iam update-assume-role-policy --role-name ROLE --policy-document file://trust.json
"""
[controls]
nist-800-53-r5 = ["AC-3", "AC-6", "AC-20"]
*/
select
  r.arn as resource,
  not t.external_unguarded as ok,
  case
    when t.external_unguarded then 'an account outside the organization may assume it without a condition'
    when t.external_unguarded is false then 'outside accounts are absent or must meet a condition'
  end as reason
from iam_role r
left join role_trust t on t.arn = r.arn
