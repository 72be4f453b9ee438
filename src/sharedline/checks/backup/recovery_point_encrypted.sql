/*
title = "Recovery points are encrypted"
severity = "medium"
duty = "data.backup-recovery"
why = "A backup is a full copy of the data, so it deserves the same lock as the original."
fix = """
# Encrypt the source or copy the recovery point into a vault with a key:
aws backup start-copy-job --recovery-point-arn ARN --source-backup-vault-name VAULT \\
  --destination-backup-vault-arn ENCRYPTED_VAULT_ARN --iam-role-arn ROLE_ARN
"""
[controls]
aws-fsbp = ["Backup.1"]
nist-800-53-r5 = ["CP-9(8)"]
*/
select
  x.arn as resource,
  x.is_encrypted as ok,
  case
    when x.is_encrypted then 'it is encrypted'
    else 'it is not encrypted'
  end as reason
from backup_recovery_point x
