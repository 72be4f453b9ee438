/*
title = "ElastiCache replication groups are encrypted at rest"
severity = "medium"
duty = "data.encryption-at-rest"
why = """\
Caches write to disk for sync, swap and backup; sessions and tokens in them are worth as much as \
passwords."""
fix = """
# Encryption is chosen at creation: back up, then create a new group from the backup.
aws elasticache create-replication-group --replication-group-id NEW --replication-group-description TEXT \\
  --snapshot-name BACKUP --at-rest-encryption-enabled --kms-key-id KEY_ARN
"""
[controls]
aws-fsbp = ["ElastiCache.4"]
nist-800-53-r5 = ["SC-28", "SC-28(1)"]
*/
select
  x.arn as resource,
  x.at_rest_encryption_enabled as ok,
  case
    when x.at_rest_encryption_enabled then 'it is encrypted'
    else 'it is not encrypted'
  end as reason
from elasticache_replication_group x
