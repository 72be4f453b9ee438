/*
title = "Redshift clusters take new versions automatically"
severity = "medium"
duty = "database.engine-patching"
why = """\
New versions carry security fixes; AWS installs them in the maintenance window only where you \
allow it."""
fix = """
aws redshift modify-cluster --cluster-identifier NAME --allow-version-upgrade
"""
[controls]
aws-fsbp = ["Redshift.6"]
nist-800-53-r5 = ["SI-2", "SI-2(5)"]
*/
select
  x.arn as resource,
  x.allow_version_upgrade as ok,
  case
    when x.allow_version_upgrade then 'upgrades are automatic'
    else 'upgrades wait for somebody to do them'
  end as reason
from redshift_cluster x
