/*
title = "Secrets with rotation are rotated when they are due"
severity = "medium"
duty = "application.secrets"
why = """\
A rotation that fails in silence leaves the old secret valid while everybody believes it is \
changed."""
fix = """
# See why the rotation function fails, then rotate at once:
aws logs tail /aws/lambda/FUNCTION --since 7d
aws secretsmanager rotate-secret --secret-id NAME
"""
[controls]
aws-fsbp = ["SecretsManager.2"]
nist-800-53-r5 = ["IA-5"]
[params]
grace_days = 1
*/
select
  s.arn as resource,
  case
    when s.rotation_enabled is null then null
    when s.next_rotation_date < scan.as_of - interval '1' day * $grace_days then false
    when s.rotation_automatically_after_days > 0
        and coalesce(s.last_rotated_date, s.created_date)
          < scan.as_of - interval '1' day * (s.rotation_automatically_after_days + $grace_days)
      then false
    when s.next_rotation_date is null and s.rotation_automatically_after_days = 0 then null
    else true
  end as ok,
  case
    when s.last_rotated_date is null then 'it has rotation but was never rotated'
    else 'it was last rotated on ' || substr(cast(s.last_rotated_date as varchar), 1, 10)
  end as reason
from secretsmanager_secret s
where s.rotation_enabled is null or s.rotation_enabled
