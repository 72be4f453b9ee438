/*
title = "Redshift Serverless workgroups have no public address"
severity = "high"
duty = "data.exposure"
why = "A public address puts the warehouse's login prompt on the internet."
fix = """
aws redshift-serverless update-workgroup --workgroup-name NAME --no-publicly-accessible
"""
[controls]
aws-fsbp = ["RedshiftServerless.3"]
nist-800-53-r5 = ["SC-7", "AC-4"]
*/
select
  x.arn as resource,
  not x.publicly_accessible as ok,
  case
    when not x.publicly_accessible then 'it has no public address'
    else 'it has a public address'
  end as reason
from redshift_serverless_workgroup x
