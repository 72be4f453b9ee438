/*
title = "RDS instances are encrypted at rest"
severity = "medium"
duty = "data.encryption-at-rest"
why = "Unencrypted storage passes on to every snapshot, replica and export made of it."
fix = """
# Encryption is chosen at creation: copy a snapshot with a key and restore it.
aws rds copy-db-snapshot --source-db-snapshot-identifier SNAPSHOT \\
  --target-db-snapshot-identifier SNAPSHOT-encrypted --kms-key-id KEY_ARN
aws rds restore-db-instance-from-db-snapshot --db-instance-identifier NEW \\
  --db-snapshot-identifier SNAPSHOT-encrypted
"""
[controls]
aws-fsbp = ["RDS.3"]
"cis-aws-7.0.0" = ["3.2.1"]
nist-800-53-r5 = ["SC-28", "SC-28(1)"]
*/
select
  i.arn as resource,
  i.storage_encrypted as ok,
  case
    when i.storage_encrypted then 'its storage is encrypted'
    else 'its storage is not encrypted'
  end as reason
from rds_instance i
