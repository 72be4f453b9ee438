/*
title = "The root user was not used lately"
severity = "medium"
duty = "identity.root-account"
why = "Daily work as root leaves no trace of which person did it and needs no permission; its use should be rare and explained."
fix = """
# Ask who signed in, then give them a role for the task:
aws cloudtrail lookup-events --lookup-attributes AttributeKey=Username,AttributeValue=root
"""
[controls]
"cis-aws-7.0.0" = ["2.7"]
nist-800-53-r5 = ["AC-6(2)", "AC-6(5)"]
[params]
quiet_days = 30
*/
select
  a.arn as resource,
  case
    when r.arn is null then null
    when r.password_last_used > scan.as_of - interval '1' day * $quiet_days then false
    when r.access_key_1_last_used > scan.as_of - interval '1' day * $quiet_days then false
    when r.access_key_2_last_used > scan.as_of - interval '1' day * $quiet_days then false
    else true
  end as ok,
  case
    when r.password_last_used > scan.as_of - interval '1' day * $quiet_days
      then 'root signed in on ' || cast(cast(r.password_last_used as date) as varchar)
    when r.access_key_1_last_used > scan.as_of - interval '1' day * $quiet_days
      or r.access_key_2_last_used > scan.as_of - interval '1' day * $quiet_days
      then 'a root access key was used within the last ' || $quiet_days || ' days'
    when r.arn is not null then 'no use within the last ' || $quiet_days || ' days'
  end as reason
from account a
left join iam_credential_report r
  on r.account_id = a.account_id and r.user_name = '<root_account>'
