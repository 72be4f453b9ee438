/*
title = "User pools with passwords offer or require MFA"
severity = "medium"
duty = "identity.mfa"
why = "The users of an application reuse passwords like everybody else; without a second factor a leaked list opens their accounts."
fix = """
aws cognito-idp set-user-pool-mfa-config --user-pool-id POOL --mfa-configuration ON \\
  --software-token-mfa-configuration Enabled=true
"""
[controls]
nist-800-53-r5 = ["IA-2(1)", "IA-2(2)", "IA-8"]
*/
select
  p.arn as resource,
  p.mfa_configuration in ('ON', 'OPTIONAL') as ok,
  'MFA is ' || p.mfa_configuration as reason
from cognito_user_pool p
