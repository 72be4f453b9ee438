/*
title = "Unattached EBS volumes are encrypted"
severity = "medium"
duty = "data.encryption-at-rest"
why = "A volume left behind still holds its data; unencrypted, it is readable to whoever attaches it or copies a snapshot of it."
fix = """
# A volume cannot be encrypted in place: copy a snapshot of it encrypted, and make a new volume.
aws ec2 create-snapshot --volume-id VOLUME_ID
aws ec2 copy-snapshot --source-region REGION --source-snapshot-id SNAPSHOT_ID --encrypted
aws ec2 create-volume --snapshot-id ENCRYPTED_COPY --availability-zone ZONE
"""
[controls]
nist-800-53-r5 = ["SC-28", "SC-28(1)"]
*/
select
  v.arn as resource,
  v.encrypted as ok,
  case when v.encrypted then 'it is encrypted' else 'it is not encrypted' end as reason
from ec2_volume v
where v.state <> 'in-use'
