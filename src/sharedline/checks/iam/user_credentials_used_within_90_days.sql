/*
title = "Credentials of users idle for 90 days are disabled"
severity = "medium"
duty = "identity.credential-hygiene"
why = "Nobody notices when a credential that nobody uses is stolen; after a quarter of a year it is not needed."
fix = """
aws iam delete-login-profile --user-name USER
aws iam update-access-key --user-name USER --access-key-id KEY --status Inactive
"""
[controls]
aws-fsbp = ["IAM.8"]
nist-800-53-r5 = ["AC-2", "AC-2(3)", "AC-6"]
[params]
max_days = 90
*/
select
  u.arn as resource,
  case
    when r.arn is null then null
    when r.password_enabled
      and coalesce(r.password_last_used, r.password_last_changed, r.create_date)
        <= scan.as_of - interval '1' day * $max_days then false
    when k.idle = 1 then false
    when k.unsure = 1 or r.password_enabled is null then null
    when r.password_enabled
      and coalesce(r.password_last_used, r.password_last_changed, r.create_date) is null then null
    else true
  end as ok,
  case
    when r.password_enabled
      and coalesce(r.password_last_used, r.password_last_changed, r.create_date)
        <= scan.as_of - interval '1' day * $max_days
      then 'the password was not used for ' || $max_days || ' days'
    when k.idle = 1 then 'an active access key was not used for ' || $max_days || ' days'
    when r.arn is not null then 'nothing stands unused for ' || $max_days || ' days'
  end as reason
from iam_user u
left join iam_credential_report r on r.arn = u.arn
left join (
  -- A credential that was never used counts from the day on which it was made.
  select
    x.arn,
    max(case when coalesce(x.last_used, x.last_rotated) <= scan.as_of - interval '1' day * $max_days
      then 1 else 0 end) as idle,
    max(case when coalesce(x.last_used, x.last_rotated) is null then 1 else 0 end) as unsure
  from iam_access_key x
  where x.active
  group by x.arn
) k on k.arn = u.arn
