/*
title = "Users can do nothing sensitive without MFA"
severity = "medium"
duty = "identity.mfa"
why = "An MFA device protects the console only; a stolen access key needs none unless the policies ask for it."
fix = """
# Add to the user's group a statement that denies everything but managing the own device:
#   "Effect": "Deny", "NotAction": ["iam:*MFADevice*", "sts:GetSessionToken"], "Resource": "*",
#   "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
"""
[controls]
nist-800-53-r5 = ["IA-2(1)", "IA-2(2)", "AC-6"]
*/
select
  p.arn as resource,
  not p.bypasses_mfa as ok,
  case
    when p.bypasses_mfa then 'its credentials do sensitive things without MFA: ' || p.mfa_reason
    when not p.bypasses_mfa then 'sensitive actions ask for MFA, or it has none'
  end as reason
from principal_access p
where p.table_name = 'iam_user'
