/*
title = "ElastiCache replication groups fail over automatically"
severity = "medium"
duty = "resilience.workload-design"
why = """\
Without automatic failover the loss of the primary node stops all writes until somebody acts."""
fix = """
aws elasticache modify-replication-group --replication-group-id NAME --automatic-failover-enabled --apply-immediately
"""
[controls]
aws-fsbp = ["ElastiCache.3"]
nist-800-53-r5 = ["CP-10", "SC-5(2)"]
*/
select
  g.arn as resource,
  g.automatic_failover in ('enabled', 'enabling') as ok,
  'automatic failover is ' || g.automatic_failover as reason
from elasticache_replication_group g
