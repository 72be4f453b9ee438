/*
title = "RDS snapshots are encrypted"
severity = "medium"
duty = "data.encryption-at-rest"
why = """\
A snapshot is the whole database in one piece, and it is easier to copy and share than the \
database."""
fix = """
aws rds copy-db-snapshot --source-db-snapshot-identifier NAME --target-db-snapshot-identifier NAME-encrypted \\
  --kms-key-id KEY_ARN
aws rds delete-db-snapshot --db-snapshot-identifier NAME
"""
[controls]
aws-fsbp = ["RDS.4"]
nist-800-53-r5 = ["SC-28", "SC-28(1)"]
*/
select
  x.arn as resource,
  x.encrypted as ok,
  case
    when x.encrypted then 'it is encrypted'
    else 'it is not encrypted'
  end as reason
from rds_snapshot x
