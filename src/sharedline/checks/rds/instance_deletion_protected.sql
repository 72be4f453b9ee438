/*
title = "RDS instances cannot be deleted by mistake"
severity = "low"
duty = "data.retention-deletion"
why = """\
One wrong call deletes an instance and its automated backups; protection asks for a second, \
deliberate one."""
fix = """
aws rds modify-db-instance --db-instance-identifier NAME --deletion-protection --apply-immediately
"""
[controls]
aws-fsbp = ["RDS.8"]
nist-800-53-r5 = ["CM-3", "SC-5(2)"]
*/
select
  i.arn as resource,
  i.deletion_protection as ok,
  case
    when i.deletion_protection then 'deletion protection is on'
    else 'deletion protection is off'
  end as reason
from rds_instance i
where i.engine in (
    'mariadb', 'mysql', 'custom-oracle-ee', 'oracle-ee-cdb',
    'oracle-se2-cdb', 'oracle-ee', 'oracle-se2', 'oracle-se1',
    'oracle-se', 'postgres', 'sqlserver-ee', 'sqlserver-se',
    'sqlserver-ex', 'sqlserver-web'
  )
