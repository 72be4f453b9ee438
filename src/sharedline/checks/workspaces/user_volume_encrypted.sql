/*
title = "WorkSpaces encrypt their user volume"
severity = "medium"
duty = "data.encryption-at-rest"
why = "People keep documents, mail and saved passwords on their desktop; its disk and every backup of it are readable unless encrypted."
fix = """
# Encryption is chosen when a WorkSpace is made: create a new one and move its user over.
aws workspaces create-workspaces --workspaces DirectoryId=DIRECTORY,UserName=USER,BundleId=BUNDLE,\\
VolumeEncryptionKey=KEY,UserVolumeEncryptionEnabled=true,RootVolumeEncryptionEnabled=true
"""
[controls]
aws-fsbp = ["WorkSpaces.1"]
nist-800-53-r5 = ["SC-28", "SC-28(1)"]
*/
select
  w.arn as resource,
  w.user_volume_encryption_enabled as ok,
  case
    when w.user_volume_encryption_enabled then 'the user volume is encrypted'
    else 'the user volume is not encrypted'
  end as reason
from workspaces_workspace w
where w.state is null or w.state not in ('TERMINATING', 'TERMINATED')
