/*
title = "EFS file systems are encrypted at rest"
severity = "medium"
duty = "data.encryption-at-rest"
why = "Whether a file system is encrypted is decided when it is created, and its backups follow it."
fix = """
# Encryption is chosen at creation: make a new file system and copy the files with DataSync.
aws efs create-file-system --encrypted --kms-key-id KEY_ARN
"""
[controls]
aws-fsbp = ["EFS.1", "EFS.8"]
"cis-aws-7.0.0" = ["3.3.1"]
nist-800-53-r5 = ["SC-28", "SC-28(1)"]
*/
select
  x.arn as resource,
  x.encrypted as ok,
  case
    when x.encrypted then 'it is encrypted'
    else 'it is not encrypted'
  end as reason
from efs_file_system x
