/*
title = "RDS clusters accept IAM authentication"
severity = "medium"
duty = "identity.database-users"
why = """\
With IAM, people and programs log in as themselves with a short-lived token instead of a shared \
password."""
fix = """
aws rds modify-db-cluster --db-cluster-identifier NAME --enable-iam-database-authentication --apply-immediately
"""
[controls]
aws-fsbp = ["RDS.12"]
nist-800-53-r5 = ["IA-2", "AC-2"]
*/
select
  c.arn as resource,
  c.iam_database_authentication_enabled as ok,
  case
    when c.iam_database_authentication_enabled then 'IAM authentication is on'
    else 'IAM authentication is off'
  end as reason
from rds_cluster c
