/*
title = "Users have at most one active access key"
severity = "low"
duty = "identity.credential-hygiene"
why = "Two keys are for the days of a rotation; a second one that stays is one more to leak and to forget."
fix = """
aws iam update-access-key --user-name USER --access-key-id OLDER --status Inactive
"""
[controls]
nist-800-53-r5 = ["IA-5"]
*/
select
  u.arn as resource,
  not (r.access_key_1_active and r.access_key_2_active) as ok,
  case
    when r.access_key_1_active and r.access_key_2_active then 'both access keys are active'
    when r.arn is not null then 'at most one access key is active'
  end as reason
from iam_user u
left join iam_credential_report r on r.arn = u.arn
