/*
title = "WorkSpaces encrypt their root volume"
severity = "medium"
duty = "data.encryption-at-rest"
why = "The system disk holds caches, page files and credentials of the people who work on the desktop."
fix = """
# Encryption is chosen when a WorkSpace is made: create a new one and move its user over.
aws workspaces create-workspaces --workspaces DirectoryId=DIRECTORY,UserName=USER,BundleId=BUNDLE,\\
VolumeEncryptionKey=KEY,UserVolumeEncryptionEnabled=true,RootVolumeEncryptionEnabled=true
"""
[controls]
aws-fsbp = ["WorkSpaces.2"]
nist-800-53-r5 = ["SC-28", "SC-28(1)"]
*/
select
  w.arn as resource,
  w.root_volume_encryption_enabled as ok,
  case
    when w.root_volume_encryption_enabled then 'the root volume is encrypted'
    else 'the root volume is not encrypted'
  end as reason
from workspaces_workspace w
where w.state is null or w.state not in ('TERMINATING', 'TERMINATED')
