/*
title = "Users with a console password have MFA"
severity = "medium"
duty = "identity.mfa"
why = "A console password that is guessed, phished or reused opens the account unless a second factor stands behind it."
fix = """
aws iam enable-mfa-device --user-name USER --serial-number arn:aws:iam::ACCOUNT:mfa/USER \\
  --authentication-code1 111111 --authentication-code2 222222
# or take the password away: aws iam delete-login-profile --user-name USER
"""
[controls]
aws-fsbp = ["IAM.5"]
"cis-aws-7.0.0" = ["2.10"]
nist-800-53-r5 = ["IA-2(1)", "IA-2(2)", "AC-2(1)"]
*/
select
  u.arn as resource,
  r.password_enabled is false or r.mfa_active as ok,
  case
    when r.password_enabled is false then 'has no console password'
    when r.mfa_active then 'has MFA'
    when r.mfa_active is false then 'signs in to the console with a password alone'
  end as reason
from iam_user u
left join iam_credential_report r on r.arn = u.arn
