/*
title = "The root user has no access keys"
severity = "critical"
duty = "identity.root-account"
why = "A root key acts without MFA and beyond every policy; whoever finds it owns the account."
fix = """
# Sign in as root: Security credentials > Access keys > Deactivate, then Delete.
"""
[controls]
aws-fsbp = ["IAM.4"]
"cis-aws-7.0.0" = ["2.4"]
nist-800-53-r5 = ["AC-6", "AC-6(2)", "AC-2(1)"]
*/
select
  s.arn as resource,
  s.account_access_keys_present = 0 as ok,
  case
    when s.account_access_keys_present = 0 then 'the root user has no access key'
    else 'the root user has an access key'
  end as reason
from iam_account_summary s
