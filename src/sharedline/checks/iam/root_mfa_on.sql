/*
title = "The root user has MFA"
severity = "critical"
duty = "identity.root-account"
why = "The root user can do everything and no policy stops it; a password alone is one leaked mailbox away from an intruder."
fix = """
# Sign in as root: Security credentials > Assign MFA device. In an organization, better remove it:
aws iam enable-organizations-root-credentials-management
"""
[controls]
"cis-aws-7.0.0" = ["2.5"]
nist-800-53-r5 = ["IA-2(1)", "IA-2(6)", "AC-2(1)"]
*/
select
  s.arn as resource,
  s.account_mfa_enabled = 1 or s.account_password_present = 0 as ok,
  case
    when s.account_mfa_enabled = 1 then 'the root user has MFA'
    when s.account_password_present = 0 then 'the root user has no password'
    else 'the root user signs in with a password alone'
  end as reason
from iam_account_summary s
