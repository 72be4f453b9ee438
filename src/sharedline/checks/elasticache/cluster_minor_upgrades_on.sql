/*
title = "ElastiCache clusters take minor engine upgrades automatically"
severity = "high"
duty = "database.engine-patching"
why = """\
Minor versions carry the engine's security fixes; AWS only installs them by itself where you \
allow it."""
fix = """
aws elasticache modify-cache-cluster --cache-cluster-id NAME --auto-minor-version-upgrade --apply-immediately
"""
[controls]
aws-fsbp = ["ElastiCache.2"]
nist-800-53-r5 = ["SI-2", "SI-2(5)"]
*/
select
  x.arn as resource,
  x.auto_minor_version_upgrade as ok,
  case
    when x.auto_minor_version_upgrade then 'minor upgrades are automatic'
    else 'minor upgrades wait for somebody to do them'
  end as reason
from elasticache_cache_cluster x
where x.engine <> 'memcached'
