/*
title = "EBS snapshots cannot be public"
severity = "high"
duty = "data.exposure"
why = "The Region's block keeps a single mistaken command from publishing a disk, and hides those already shared."
fix = """
aws ec2 enable-snapshot-block-public-access --state block-all-sharing --region REGION
"""
[controls]
aws-fsbp = ["EC2.182"]
nist-800-53-r5 = ["AC-3", "AC-21", "SC-7"]
*/
select
  r.arn as resource,
  d.state = 'block-all-sharing' as ok,
  'the block of the Region is: ' || d.state as reason
from account_region r
left join ec2_snapshot_block_public_access d on d.arn = r.arn
