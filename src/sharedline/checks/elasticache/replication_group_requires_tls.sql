/*
title = "ElastiCache replication groups encrypt traffic"
severity = "medium"
duty = "data.encryption-in-transit"
why = """\
Sessions and tokens travel between applications and cache; without TLS anyone on the way reads \
them."""
fix = """
aws elasticache modify-replication-group --replication-group-id NAME --apply-immediately \\
  --transit-encryption-enabled --transit-encryption-mode preferred   # then: required
"""
[controls]
aws-fsbp = ["ElastiCache.5"]
nist-800-53-r5 = ["SC-8", "SC-8(1)"]
*/
select
  x.arn as resource,
  x.transit_encryption_enabled as ok,
  case
    when x.transit_encryption_enabled then 'traffic is encrypted'
    else 'traffic is not encrypted'
  end as reason
from elasticache_replication_group x
