/*
title = "EFS access points confine their clients to a directory"
severity = "medium"
duty = "identity.least-privilege"
why = "An access point at the root of the file system shows every client the files of all others."
fix = """
# The directory is chosen at creation:
aws efs create-access-point --file-system-id ID --root-directory Path=/app
"""
[controls]
aws-fsbp = ["EFS.3"]
nist-800-53-r5 = ["AC-6(10)"]
*/
select
  a.arn as resource,
  a.root_directory_path <> '/' as ok,
  'its root directory is ' || a.root_directory_path as reason
from efs_access_point a
