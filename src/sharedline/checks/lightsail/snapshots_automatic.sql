/*
title = "Lightsail instances are copied by automatic snapshots"
severity = "medium"
duty = "data.backup-recovery"
why = "A Lightsail instance keeps its data on one disk; without snapshots a mistake or an intruder deletes the only copy."
fix = """
aws lightsail enable-add-on --resource-name NAME \\
  --add-on-request addOnType=AutoSnapshot,autoSnapshotAddOnRequest={snapshotTimeOfDay=03:00}
"""
[controls]
nist-800-53-r5 = ["CP-9"]
*/
select
  i.arn as resource,
  i.auto_snapshot_status = 'Enabled' as ok,
  'automatic snapshots: ' || i.auto_snapshot_status as reason
from lightsail_instance i
