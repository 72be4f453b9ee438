/*
title = "Secrets were rotated within 90 days"
severity = "medium"
duty = "application.secrets"
why = "The longer a secret lives, the more logs, laptops and former colleagues know it."
fix = """
aws secretsmanager rotate-secret --secret-id NAME
"""
[controls]
aws-fsbp = ["SecretsManager.4"]
nist-800-53-r5 = ["IA-5"]
[params]
max_days = 90
*/
select
  s.arn as resource,
  coalesce(s.last_rotated_date, s.created_date) >= scan.as_of - interval '1' day * $max_days as ok,
  case
    when s.last_rotated_date is null
      then 'it was never rotated since ' || substr(cast(s.created_date as varchar), 1, 10)
    else 'it was last rotated on ' || substr(cast(s.last_rotated_date as varchar), 1, 10)
  end as reason
from secretsmanager_secret s
