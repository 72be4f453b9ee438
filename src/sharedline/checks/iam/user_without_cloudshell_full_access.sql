/*
title = "Users do not have full access to CloudShell"
severity = "medium"
duty = "identity.least-privilege"
why = "CloudShell with upload and download is a way out for data that no network control sees."
fix = """
aws iam detach-user-policy --user-name NAME \\
  --policy-arn arn:aws:iam::aws:policy/AWSCloudShellFullAccess
"""
[controls]
"cis-aws-7.0.0" = ["2.20"]
nist-800-53-r5 = ["AC-6", "AC-4"]
*/
select
  r.arn as resource,
  case when s.bad = 1 then false when s.unsure = 1 then null else true end as ok,
  case
    when s.bad = 1 then 'AWSCloudShellFullAccess is attached'
    when s.unsure = 1 then 'an attached policy was not named'
    else 'AWSCloudShellFullAccess is not attached'
  end as reason
from iam_user r
left join (
  select
    x.arn,
    max(case when x.policy_arn like '%:aws:policy/AWSCloudShellFullAccess' then 1 else 0 end) as bad,
    max(case when x.policy_arn is null then 1 else 0 end) as unsure
  from iam_user_attached_policy x
  group by x.arn
) s on s.arn = r.arn
