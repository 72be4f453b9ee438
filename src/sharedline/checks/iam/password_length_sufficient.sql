/*
title = "Passwords of IAM users have at least 14 characters"
severity = "medium"
duty = "identity.credential-hygiene"
why = "Length is what a guessing machine pays for; AWS's default of eight characters is cheap."
fix = """
aws iam update-account-password-policy --minimum-password-length 14 --password-reuse-prevention 24 \\
  --require-symbols --require-numbers --require-uppercase-characters --require-lowercase-characters
"""
[controls]
"cis-aws-7.0.0" = ["2.8"]
nist-800-53-r5 = ["IA-5(1)"]
[params]
min_length = 14
*/
select
  p.arn as resource,
  p.is_configured and p.minimum_password_length >= $min_length as ok,
  case
    when not p.is_configured then 'no password policy is set: AWS asks for eight characters'
    else 'passwords need ' || p.minimum_password_length || ' characters'
  end as reason
from iam_password_policy p
