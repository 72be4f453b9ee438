/*
title = "EBS snapshots are not public"
severity = "critical"
duty = "data.exposure"
why = "Everybody with an AWS account can make a disk from a public snapshot and read all that was on it."
fix = """
aws ec2 modify-snapshot-attribute --snapshot-id SNAPSHOT_ID --attribute createVolumePermission \
  --operation-type remove --group-names all
"""
[controls]
aws-fsbp = ["EC2.1"]
nist-800-53-r5 = ["AC-3", "AC-21", "SC-7"]
*/
select
  s.arn as resource,
  not array_contains(s.restorable_by_groups, 'all') as ok,
  case
    when array_contains(s.restorable_by_groups, 'all') then 'everybody may restore it'
    else 'it is not shared with everybody'
  end as reason
from ec2_snapshot s
