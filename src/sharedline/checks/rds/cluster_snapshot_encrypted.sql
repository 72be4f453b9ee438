/*
title = "RDS cluster snapshots are encrypted"
severity = "medium"
duty = "data.encryption-at-rest"
why = """\
A snapshot is the whole database in one piece, and it is easier to copy and share than the \
cluster."""
fix = """
aws rds copy-db-cluster-snapshot --source-db-cluster-snapshot-identifier NAME \\
  --target-db-cluster-snapshot-identifier NAME-encrypted --kms-key-id KEY_ARN
aws rds delete-db-cluster-snapshot --db-cluster-snapshot-identifier NAME
"""
[controls]
aws-fsbp = ["RDS.4"]
nist-800-53-r5 = ["SC-28", "SC-28(1)"]
*/
select
  x.arn as resource,
  x.storage_encrypted as ok,
  case
    when x.storage_encrypted then 'it is encrypted'
    else 'it is not encrypted'
  end as reason
from rds_cluster_snapshot x
