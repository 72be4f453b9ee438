/*
title = "EFS access points force a user on their clients"
severity = "medium"
duty = "identity.least-privilege"
why = "Without a forced POSIX user a client may claim to be any user, root included."
fix = """
# The user is chosen at creation:
aws efs create-access-point --file-system-id ID --posix-user Uid=1000,Gid=1000
"""
[controls]
aws-fsbp = ["EFS.4"]
nist-800-53-r5 = ["AC-6(2)"]
*/
select
  a.arn as resource,
  a.posix_user_uid <> '' as ok,
  case
    when a.posix_user_uid = '' then 'clients choose their user themselves'
    else 'clients act as user ' || a.posix_user_uid
  end as reason
from efs_access_point a
