/*
title = "RDS clusters cannot be deleted by mistake"
severity = "medium"
duty = "data.retention-deletion"
why = """\
One wrong call deletes a cluster and its automated backups; protection asks for a second, \
deliberate one."""
fix = """
aws rds modify-db-cluster --db-cluster-identifier NAME --deletion-protection --apply-immediately
"""
[controls]
aws-fsbp = ["RDS.7"]
nist-800-53-r5 = ["CM-3", "SC-5(2)"]
*/
select
  c.arn as resource,
  c.deletion_protection as ok,
  case
    when c.deletion_protection then 'deletion protection is on'
    else 'deletion protection is off'
  end as reason
from rds_cluster c
