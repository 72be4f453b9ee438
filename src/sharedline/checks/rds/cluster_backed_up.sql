/*
title = "RDS clusters keep automatic backups for a week or more"
severity = "medium"
duty = "data.backup-recovery"
why = "With short retention a mistake found after a few days cannot be undone."
fix = """
aws rds modify-db-cluster --db-cluster-identifier NAME --backup-retention-period 7 --apply-immediately
"""
[controls]
aws-fsbp = ["RDS.50"]
nist-800-53-r5 = ["CP-9", "CP-10"]
[params]
min_days = 7
*/
select
  c.arn as resource,
  c.backup_retention_period >= $min_days as ok,
  'backups are kept for ' || cast(c.backup_retention_period as varchar) || ' days' as reason
from rds_cluster c
