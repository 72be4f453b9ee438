/*
title = "RDS instances keep automatic backups for a week or more"
severity = "medium"
duty = "data.backup-recovery"
why = """\
With no or short retention a mistake found after a few days cannot be undone. Read replicas are \
not judged."""
fix = """
aws rds modify-db-instance --db-instance-identifier NAME --backup-retention-period 7 --apply-immediately
"""
[controls]
aws-fsbp = ["RDS.11"]
nist-800-53-r5 = ["CP-9", "CP-10"]
[params]
min_days = 7
*/
select
  i.arn as resource,
  i.backup_retention_period >= $min_days as ok,
  case
    when i.backup_retention_period = 0 then 'automatic backups are off'
    else 'backups are kept for ' || cast(i.backup_retention_period as varchar) || ' days'
  end as reason
from rds_instance i
where '' = i.read_replica_source_db_instance_identifier
  and '' = i.read_replica_source_db_cluster_identifier
