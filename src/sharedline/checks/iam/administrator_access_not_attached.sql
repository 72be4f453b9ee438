/*
title = "AWS's AdministratorAccess policy is attached to nobody"
severity = "medium"
duty = "identity.least-privilege"
why = "The ready-made administrator policy is attached in a minute and stays for years; a break-glass role is better waived by name."
fix = """
aws iam list-entities-for-policy --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
aws iam detach-user-policy --user-name USER \\
  --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
"""
[controls]
"cis-aws-7.0.0" = ["2.14"]
nist-800-53-r5 = ["AC-6", "AC-6(2)"]
*/
select
  p.arn as resource,
  p.policy_name <> 'AdministratorAccess' as ok,
  case
    when p.policy_name = 'AdministratorAccess' then 'it is attached ' || p.attachment_count || ' times'
    else 'not the administrator policy'
  end as reason
from iam_aws_policy p
