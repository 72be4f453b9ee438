/*
title = "RDS instances take minor engine upgrades automatically"
severity = "high"
duty = "database.engine-patching"
why = """\
Minor versions carry the engine's security fixes; AWS only installs them by itself where you \
allow it."""
fix = """
aws rds modify-db-instance --db-instance-identifier NAME --auto-minor-version-upgrade --apply-immediately
"""
[controls]
aws-fsbp = ["RDS.13"]
"cis-aws-7.0.0" = ["3.2.2"]
nist-800-53-r5 = ["SI-2", "SI-2(5)"]
*/
select
  i.arn as resource,
  i.auto_minor_version_upgrade as ok,
  case
    when i.auto_minor_version_upgrade then 'minor upgrades are automatic'
    else 'minor upgrades wait for somebody to do them'
  end as reason
from rds_instance i
