/*
title = "RDS instances have an administrator with a name of their own"
severity = "medium"
duty = "identity.database-users"
why = "Guessing a password is half as hard when the user name is the one from the console's form."
fix = """
# The name is chosen at creation: create a new instance with --master-username NAME and move the data.
"""
[controls]
aws-fsbp = ["RDS.25"]
nist-800-53-r5 = ["CM-2", "IA-2"]
*/
select
  i.arn as resource,
  lower(i.master_username) not in ('admin', 'postgres') as ok,
  'its administrator is called ' || i.master_username as reason
from rds_instance i
where i.engine not in ('neptune', 'docdb')
  and i.db_cluster_identifier = ''
