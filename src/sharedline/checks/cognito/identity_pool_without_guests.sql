/*
title = "Identity pools give no credentials to strangers"
severity = "medium"
duty = "identity.least-privilege"
why = "Guest access hands AWS credentials to anybody who knows the pool's id, which every copy of the application holds."
fix = """
aws cognito-identity update-identity-pool --identity-pool-id ID --identity-pool-name NAME \\
  --no-allow-unauthenticated-identities
"""
[controls]
nist-800-53-r5 = ["AC-14", "IA-8"]
*/
select
  p.arn as resource,
  not p.allow_unauthenticated_identities as ok,
  case
    when p.allow_unauthenticated_identities then 'guests get AWS credentials'
    else 'only users who signed in get credentials'
  end as reason
from cognito_identity_pool p
