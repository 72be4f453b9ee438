/*
title = "People sign in through a central identity, not as IAM users"
severity = "medium"
duty = "identity.federation"
why = "Whoever leaves the company keeps an IAM user's password until somebody remembers this account too."
fix = """
aws sso-admin create-instance    # or from the console, with the company's directory behind it
aws iam delete-login-profile --user-name USER
"""
[controls]
"cis-aws-7.0.0" = ["2.19"]
nist-800-53-r5 = ["IA-2", "IA-8", "AC-2(1)"]
[params]
allowed = 0
*/
select
  a.arn as resource,
  case when u.people > $allowed then false when u.unsure > 0 then null
    when u.lines is null then null else true end as ok,
  case
    when u.people > $allowed then u.people || ' IAM users have a console password'
    when u.lines is not null then 'at most ' || $allowed || ' IAM users have a console password'
  end as reason
from account a
left join (
  select
    r.account_id,
    count(*) as lines,
    sum(case when r.password_enabled and r.user_name <> '<root_account>' then 1 else 0 end) as people,
    sum(case when r.password_enabled is null and r.user_name <> '<root_account>'
      then 1 else 0 end) as unsure
  from iam_credential_report r
  group by r.account_id
) u on u.account_id = a.account_id
