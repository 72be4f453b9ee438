/*
title = "Root access of member accounts is managed centrally"
severity = "medium"
duty = "identity.root-account"
why = "Each member account has a root user with a mailbox of its own; central management takes their passwords and keys away."
fix = """
aws organizations enable-aws-service-access --service-principal iam.amazonaws.com
aws iam enable-organizations-root-credentials-management
aws iam enable-organizations-root-sessions
"""
[controls]
"cis-aws-7.0.0" = ["2.1.1"]
nist-800-53-r5 = ["AC-6(2)", "AC-2(1)"]
*/
select
  o.arn as resource,
  array_contains(r.enabled_features, 'RootCredentialsManagement') as ok,
  case
    when array_contains(r.enabled_features, 'RootCredentialsManagement')
      then 'root credentials are managed centrally'
    when r.enabled_features is not null then 'root credentials are not managed centrally'
  end as reason
from organizations_organization o
left join organizations_root_access r on r.account_id = o.account_id
where o.master_account_id = o.account_id
