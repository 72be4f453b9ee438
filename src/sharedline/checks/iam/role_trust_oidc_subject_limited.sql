/*
title = "Roles trusted to OpenID Connect name the subjects"
severity = "high"
duty = "identity.federation"
why = "A provider such as GitHub signs tokens for everybody's pipelines; without the subject in the trust policy every one of them may become your role."
fix = """
# In the statement that trusts the provider:
#   "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:OWNER/REPO:*"}}
aws iam update-assume-role-policy --role-name ROLE --policy-document file://trust.json
"""
[controls]
nist-800-53-r5 = ["IA-8", "AC-3"]
*/
select
  r.arn as resource,
  not t.oidc_without_subject as ok,
  case
    when t.oidc_without_subject then 'a provider is trusted whatever the subject of its token'
    when t.oidc_without_subject is false then 'no provider is trusted without its subject'
  end as reason
from iam_role r
left join role_trust t on t.arn = r.arn
