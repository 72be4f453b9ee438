/*
title = "The root user's MFA is a hardware device"
severity = "critical"
duty = "identity.root-account"
why = "A virtual device lives on a phone that is lost, copied or backed up to a cloud account; a security key is not."
fix = """
# Sign in as root: Security credentials > remove the authenticator app, assign a security key.
"""
[controls]
aws-fsbp = ["IAM.6"]
"cis-aws-7.0.0" = ["2.6"]
nist-800-53-r5 = ["IA-2(1)", "IA-2(6)", "AC-2(1)"]
*/
select
  s.arn as resource,
  s.account_password_present = 0 or (s.account_mfa_enabled = 1 and v.arn is null) as ok,
  case
    when s.account_password_present = 0 then 'the root user has no password'
    when s.account_mfa_enabled = 0 then 'the root user has no MFA'
    when v.arn is not null then 'the root user signs in with a virtual MFA device'
    else 'no virtual device is assigned to the root user'
  end as reason
from iam_account_summary s
left join (
  select d.account_id, min(d.arn) as arn
  from iam_virtual_mfa_device d
  where d.serial_number like '%:mfa/root-account-mfa-device' or d.user_arn like '%:root'
  group by d.account_id
) v on v.account_id = s.account_id
