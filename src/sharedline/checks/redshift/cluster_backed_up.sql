/*
title = "Redshift clusters keep automatic snapshots for a week or more"
severity = "medium"
duty = "data.backup-recovery"
why = "With no or short retention a mistake found after a few days cannot be undone."
fix = """
aws redshift modify-cluster --cluster-identifier NAME --automated-snapshot-retention-period 7
"""
[controls]
aws-fsbp = ["Redshift.3"]
nist-800-53-r5 = ["CP-9", "CP-10"]
[params]
min_days = 7
*/
select
  c.arn as resource,
  c.automated_snapshot_retention_period >= $min_days as ok,
  'snapshots are kept for ' || cast(c.automated_snapshot_retention_period as varchar) || ' days' as reason
from redshift_cluster c
