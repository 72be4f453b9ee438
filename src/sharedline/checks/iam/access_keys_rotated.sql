/*
title = "Access keys are at most 90 days old"
severity = "medium"
duty = "identity.credential-hygiene"
why = "A long-lived key leaks into more places every month: laptops, build logs, chat, old repositories."
fix = """
aws iam create-access-key --user-name USER     # then move the workload to the new key
aws iam update-access-key --user-name USER --access-key-id OLD --status Inactive
aws iam delete-access-key --user-name USER --access-key-id OLD
"""
[controls]
aws-fsbp = ["IAM.3"]
"cis-aws-7.0.0" = ["2.12"]
nist-800-53-r5 = ["IA-5", "AC-2(1)"]
[params]
max_days = 90
*/
select
  u.arn as resource,
  case
    when k.old = 1 then false
    when r.arn is null or k.unsure = 1 then null
    when k.arn is null and (r.access_key_1_active is null or r.access_key_2_active is null) then null
    else true
  end as ok,
  case
    when k.old = 1 then 'an active access key was made on ' || cast(cast(k.oldest as date) as varchar)
    when r.arn is not null then 'no active access key is older than ' || $max_days || ' days'
  end as reason
from iam_user u
left join iam_credential_report r on r.arn = u.arn
left join (
  select
    x.arn,
    min(x.last_rotated) as oldest,
    max(case when x.last_rotated < scan.as_of - interval '1' day * $max_days then 1 else 0 end) as old,
    max(case when x.last_rotated is null then 1 else 0 end) as unsure
  from iam_access_key x
  where x.active
  group by x.arn
) k on k.arn = u.arn
