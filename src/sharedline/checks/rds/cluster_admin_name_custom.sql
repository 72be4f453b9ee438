/*
title = "RDS clusters have an administrator with a name of their own"
severity = "medium"
duty = "identity.database-users"
why = "Guessing a password is half as hard when the user name is the one from the console's form."
fix = """
# The name is chosen at creation: create a new cluster with --master-username NAME and move the data.
"""
[controls]
aws-fsbp = ["RDS.24"]
nist-800-53-r5 = ["CM-2", "IA-2"]
*/
select
  c.arn as resource,
  lower(c.master_username) not in ('admin', 'postgres') as ok,
  'its administrator is called ' || c.master_username as reason
from rds_cluster c
where c.engine not in ('neptune', 'docdb')
