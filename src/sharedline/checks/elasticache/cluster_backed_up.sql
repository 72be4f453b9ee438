/*
title = "ElastiCache clusters outside of replication groups are backed up automatically"
severity = "high"
duty = "data.backup-recovery"
why = "A single node loses everything when it fails unless it is backed up. Memcached cannot be."
fix = """
aws elasticache modify-cache-cluster --cache-cluster-id NAME --snapshot-retention-limit 7 --apply-immediately
"""
[controls]
aws-fsbp = ["ElastiCache.1"]
nist-800-53-r5 = ["CP-9"]
[params]
min_days = 1
*/
select
  c.arn as resource,
  c.snapshot_retention_limit >= $min_days as ok,
  'backups are kept for ' || cast(c.snapshot_retention_limit as varchar) || ' days' as reason
from elasticache_cache_cluster c
where c.replication_group_id = ''
  and c.engine <> 'memcached'
