/*
title = "Roles that nobody uses are removed"
severity = "low"
duty = "identity.access-review"
why = "A role that nobody has assumed for months keeps its permissions ready for whoever finds a way in."
fix = """
aws iam get-role --role-name ROLE --query Role.RoleLastUsed
aws iam delete-role --role-name ROLE
"""
[controls]
nist-800-53-r5 = ["AC-2(3)", "AC-6(7)"]
[params]
max_days = 90
*/
select
  r.arn as resource,
  coalesce(r.last_used_date, r.create_date) > scan.as_of - interval '1' day * $max_days as ok,
  case
    when r.last_used_date is null and r.create_date > scan.as_of - interval '1' day * $max_days
      then 'made lately and not used yet'
    when r.last_used_date is null then 'AWS has no use of it on record'
    else 'last used on ' || cast(cast(r.last_used_date as date) as varchar)
  end as reason
from iam_role r
where r.path not like '/aws-service-role/%' and r.path not like '/aws-reserved/%'
