/*
title = "RDS clusters are encrypted at rest"
severity = "medium"
duty = "data.encryption-at-rest"
why = """\
A cluster's volume holds the data of all its instances; unencrypted, so are its snapshots and \
clones."""
fix = """
# Encryption is chosen at creation: copy a snapshot with a key and restore it.
aws rds copy-db-cluster-snapshot --source-db-cluster-snapshot-identifier SNAPSHOT \\
  --target-db-cluster-snapshot-identifier SNAPSHOT-encrypted --kms-key-id KEY_ARN
aws rds restore-db-cluster-from-snapshot --db-cluster-identifier NEW --engine ENGINE \\
  --snapshot-identifier SNAPSHOT-encrypted
"""
[controls]
aws-fsbp = ["RDS.27"]
nist-800-53-r5 = ["SC-28", "SC-28(1)"]
*/
select
  c.arn as resource,
  c.storage_encrypted as ok,
  case
    when c.storage_encrypted then 'its storage is encrypted'
    else 'its storage is not encrypted'
  end as reason
from rds_cluster c
