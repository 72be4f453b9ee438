/*
title = "RDS clusters take minor engine upgrades automatically"
severity = "medium"
duty = "database.engine-patching"
why = """\
Minor versions carry the engine's security fixes; AWS only installs them by itself where you \
allow it."""
fix = """
aws rds modify-db-cluster --db-cluster-identifier NAME --auto-minor-version-upgrade --apply-immediately
"""
[controls]
aws-fsbp = ["RDS.35"]
nist-800-53-r5 = ["SI-2", "SI-2(5)"]
*/
select
  c.arn as resource,
  c.auto_minor_version_upgrade as ok,
  case
    when c.auto_minor_version_upgrade then 'minor upgrades are automatic'
    else 'minor upgrades wait for somebody to do them'
  end as reason
from rds_cluster c
