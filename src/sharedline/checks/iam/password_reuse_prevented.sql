/*
title = "Passwords of IAM users cannot be used again"
severity = "low"
duty = "identity.credential-hygiene"
why = "A password that may return soon makes changing it pointless after a leak."
fix = """
aws iam update-account-password-policy --minimum-password-length 14 --password-reuse-prevention 24 \\
  --require-symbols --require-numbers --require-uppercase-characters --require-lowercase-characters
"""
[controls]
"cis-aws-7.0.0" = ["2.9"]
nist-800-53-r5 = ["IA-5(1)"]
[params]
remembered = 24
*/
select
  p.arn as resource,
  p.is_configured and p.password_reuse_prevention >= $remembered as ok,
  case
    when not p.is_configured then 'no password policy is set'
    else p.password_reuse_prevention || ' passwords are remembered'
  end as reason
from iam_password_policy p
