/*
title = "ElastiCache replication groups are backed up automatically"
severity = "high"
duty = "data.backup-recovery"
why = "A cache that serves as a data store loses everything with its nodes unless it is backed up."
fix = """
aws elasticache modify-replication-group --replication-group-id NAME --snapshot-retention-limit 7 --apply-immediately
"""
[controls]
aws-fsbp = ["ElastiCache.1"]
nist-800-53-r5 = ["CP-9"]
[params]
min_days = 1
*/
select
  g.arn as resource,
  g.snapshot_retention_limit >= $min_days as ok,
  'backups are kept for ' || cast(g.snapshot_retention_limit as varchar) || ' days' as reason
from elasticache_replication_group g
