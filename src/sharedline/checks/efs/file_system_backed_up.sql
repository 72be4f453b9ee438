/*
title = "EFS file systems are backed up automatically"
severity = "medium"
duty = "data.backup-recovery"
why = "Files deleted or encrypted by an intruder come back only from a backup."
fix = """
aws efs put-backup-policy --file-system-id ID --backup-policy Status=ENABLED
"""
[controls]
aws-fsbp = ["EFS.7"]
nist-800-53-r5 = ["CP-9"]
*/
select
  f.arn as resource,
  f.backup_policy_status in ('ENABLED', 'ENABLING') as ok,
  'automatic backups are ' || f.backup_policy_status as reason
from efs_file_system f
