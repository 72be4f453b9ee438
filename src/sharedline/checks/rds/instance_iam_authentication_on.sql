/*
title = "RDS instances accept IAM authentication"
severity = "medium"
duty = "identity.database-users"
why = """\
With IAM, people and programs log in as themselves with a short-lived token instead of a shared \
password. Judged for the engines that can."""
fix = """
aws rds modify-db-instance --db-instance-identifier NAME --enable-iam-database-authentication --apply-immediately
"""
[controls]
aws-fsbp = ["RDS.10"]
nist-800-53-r5 = ["IA-2", "AC-2"]
*/
select
  i.arn as resource,
  i.iam_database_authentication_enabled as ok,
  case
    when i.iam_database_authentication_enabled then 'IAM authentication is on'
    else 'IAM authentication is off'
  end as reason
from rds_instance i
where i.engine in ('mysql', 'postgres', 'aurora', 'aurora-mysql', 'aurora-postgresql', 'mariadb')
  and i.db_instance_status in (
    'available', 'backing-up', 'storage-optimization', 'storage-full'
  )
