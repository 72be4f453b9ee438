/*
title = "RDS instances publish their logs to CloudWatch"
severity = "medium"
duty = "monitoring.audit-logging"
why = """\
The engine's own logs show failed logins and odd queries, but on the instance they are \
overwritten within days and die with it."""
fix = """
aws rds modify-db-instance --db-instance-identifier NAME --apply-immediately \\
  --cloudwatch-logs-export-configuration '{"EnableLogTypes": ["postgresql", "upgrade"]}'
"""
[controls]
aws-fsbp = ["RDS.9"]
nist-800-53-r5 = ["AU-2", "AU-3", "AU-12"]
*/
select
  i.arn as resource,
  case
    when i.engine like 'oracle-%' or i.engine like 'custom-oracle-%'
      then array_contains(i.enabled_cloudwatch_logs_exports, 'alert')
        and array_contains(i.enabled_cloudwatch_logs_exports, 'audit')
        and array_contains(i.enabled_cloudwatch_logs_exports, 'trace')
        and array_contains(i.enabled_cloudwatch_logs_exports, 'listener')
    when i.engine = 'postgres'
      then array_contains(i.enabled_cloudwatch_logs_exports, 'postgresql')
        and array_contains(i.enabled_cloudwatch_logs_exports, 'upgrade')
    when i.engine in ('mysql', 'mariadb', 'aurora', 'aurora-mysql')
      then array_contains(i.enabled_cloudwatch_logs_exports, 'audit')
        and array_contains(i.enabled_cloudwatch_logs_exports, 'error')
        and array_contains(i.enabled_cloudwatch_logs_exports, 'general')
        and array_contains(i.enabled_cloudwatch_logs_exports, 'slowquery')
    when i.engine like 'sqlserver-%'
      then array_contains(i.enabled_cloudwatch_logs_exports, 'error')
        and array_contains(i.enabled_cloudwatch_logs_exports, 'agent')
    when i.engine = 'aurora-postgresql'
      then array_contains(i.enabled_cloudwatch_logs_exports, 'postgresql')
  end as ok,
  'it publishes: ' || array_to_string(i.enabled_cloudwatch_logs_exports, ', ') as reason
from rds_instance i
where i.engine in ('postgres', 'mysql', 'mariadb', 'aurora', 'aurora-mysql', 'aurora-postgresql')
  or i.engine like 'oracle-%'
  or i.engine like 'custom-oracle-%'
  or i.engine like 'sqlserver-%'
