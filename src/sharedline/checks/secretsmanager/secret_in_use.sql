/*
title = "Secrets are in use"
severity = "medium"
duty = "application.secrets"
why = "A secret that nobody reads any more still opens the door it was made for."
fix = """
aws secretsmanager delete-secret --secret-id NAME --recovery-window-in-days 30
"""
[controls]
aws-fsbp = ["SecretsManager.3"]
nist-800-53-r5 = ["AC-2(1)", "IA-5"]
[params]
max_days = 90
*/
select
  s.arn as resource,
  coalesce(s.last_accessed_date, s.created_date) >= scan.as_of - interval '1' day * ($max_days + 1) as ok,
  case
    when s.last_accessed_date is null then 'it was never read'
    else 'it was last read on ' || substr(cast(s.last_accessed_date as varchar), 1, 10)
  end as reason
from secretsmanager_secret s
