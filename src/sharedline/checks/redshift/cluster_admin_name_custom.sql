/*
title = "Redshift clusters have an administrator with a name of their own"
severity = "medium"
duty = "identity.database-users"
why = "Guessing a password is half as hard when the user name is the one from the console's form."
fix = """
# The name is chosen at creation: restore a snapshot into a new cluster with another name.
aws redshift create-cluster --cluster-identifier NEW --master-username NAME --node-type TYPE --manage-master-password
"""
[controls]
aws-fsbp = ["Redshift.8"]
nist-800-53-r5 = ["CM-2", "IA-2"]
*/
select
  c.arn as resource,
  lower(c.master_username) <> 'awsuser' as ok,
  'its administrator is called ' || c.master_username as reason
from redshift_cluster c
