/*
title = "Managed nodes were scanned for missing patches lately"
severity = "medium"
duty = "compute.guest-patching"
why = "A clean patch report from last year says nothing about the holes found since; without a regular scan nobody knows what is missing."
fix = """
aws ssm create-association --name AWS-RunPatchBaseline --association-name daily-patch-scan \\
  --targets Key=InstanceIds,Values='*' --parameters Operation=Scan \\
  --schedule-expression 'rate(1 day)'
"""
[controls]
nist-800-53-r5 = ["SI-2", "RA-5"]
[params]
max_days = 7
*/
-- Nodes that do not answer cannot be scanned; ssm/instance_managed reports the running ones.
select
  m.arn as resource,
  case
    when m.patch_operation is null then null
    when m.patch_operation = '' then false
    else m.operation_end_time >= scan.as_of - interval '1' day * $max_days
  end as ok,
  case
    when m.patch_operation = '' then 'Patch Manager has never looked at the node'
    else 'last patch scan or installation: ' || substr(cast(m.operation_end_time as varchar), 1, 10)
  end as reason
from ssm_managed_instance m
where m.ping_status is null or m.ping_status = 'Online'
