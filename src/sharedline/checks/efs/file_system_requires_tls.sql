/*
title = "EFS file systems refuse mounts without TLS"
severity = "medium"
duty = "data.encryption-in-transit"
why = """\
NFS is readable on the wire unless the client mounts with TLS, and clients do so only when the \
policy denies everything else."""
fix = """
# Add a Deny of all actions with "Bool": {"aws:SecureTransport": "false"} to the policy.
aws efs put-file-system-policy --file-system-id ID --policy file://policy.json
"""
[controls]
nist-800-53-r5 = ["SC-8", "SC-8(1)"]
*/
select
  f.arn as resource,
  p.denies_insecure_transport as ok,
  case
    when p.denies_insecure_transport then 'its policy denies mounts without TLS'
    when not p.has_policy then 'it has no policy, so mounts without TLS are accepted'
    else 'no statement of its policy denies mounts without TLS'
  end as reason
from efs_file_system f
left join resource_policy p on p.arn = f.arn and p.account_id = f.account_id
