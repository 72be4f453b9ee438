/*
title = "EBS snapshots are encrypted"
severity = "medium"
duty = "data.encryption-at-rest"
why = "An unencrypted snapshot can be shared with anybody and read by them; an encrypted one needs the key as well."
fix = """
aws ec2 copy-snapshot --source-region REGION --source-snapshot-id SNAPSHOT_ID --encrypted
aws ec2 delete-snapshot --snapshot-id SNAPSHOT_ID
"""
[controls]
nist-800-53-r5 = ["SC-28", "SC-28(1)"]
*/
select
  s.arn as resource,
  s.encrypted as ok,
  case when s.encrypted then 'it is encrypted' else 'it is not encrypted' end as reason
from ec2_snapshot s
