/*
title = "Redshift Serverless namespaces have an administrator with a name of their own"
severity = "medium"
duty = "identity.database-users"
why = "Guessing a password is half as hard when the user name is the one from the console's form."
fix = """
aws redshift-serverless update-namespace --namespace-name NAME --admin-username NEW --manage-admin-password
"""
[controls]
aws-fsbp = ["RedshiftServerless.5"]
nist-800-53-r5 = ["CM-2", "IA-2"]
*/
select
  n.arn as resource,
  lower(n.admin_username) <> 'admin' as ok,
  'its administrator is called ' || n.admin_username as reason
from redshift_serverless_namespace n
