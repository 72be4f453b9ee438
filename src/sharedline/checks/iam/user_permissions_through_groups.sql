/*
title = "Users get their permissions through groups"
severity = "low"
duty = "identity.least-privilege"
why = "Permissions that hang on single people are given for a favour and never taken back; a group is reviewed as one."
fix = """
aws iam add-user-to-group --user-name USER --group-name GROUP
aws iam detach-user-policy --user-name USER --policy-arn ARN
aws iam delete-user-policy --user-name USER --policy-name NAME
"""
[controls]
aws-fsbp = ["IAM.2"]
"cis-aws-7.0.0" = ["2.13"]
nist-800-53-r5 = ["AC-2", "AC-3(7)", "AC-6"]
*/
select
  u.arn as resource,
  u.inline_policy_count + u.attached_policy_count = 0 as ok,
  case
    when u.inline_policy_count + u.attached_policy_count = 0 then 'no policy hangs on the user'
    else u.attached_policy_count || ' policies attached and ' || u.inline_policy_count || ' embedded'
  end as reason
from iam_user u
