/*
title = "Log groups keep logs for a year or longer"
severity = "medium"
duty = "monitoring.audit-logging"
why = "Intrusions are often found after months; logs that are gone by then cannot say what happened."
fix = """
aws logs put-retention-policy --log-group-name NAME --retention-in-days 365
"""
[controls]
nist-800-53-r5 = ["AU-11", "SI-12"]
[params]
min_days = 365
*/
select
  g.arn as resource,
  g.retention_in_days = 0 or g.retention_in_days >= $min_days as ok,
  case
    when g.retention_in_days = 0 then 'logs never expire'
    when g.retention_in_days > 0
      then 'logs are kept for ' || cast(g.retention_in_days as varchar) || ' days'
  end as reason
from logs_log_group g
