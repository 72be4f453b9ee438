/*
title = "Redshift Serverless workgroups refuse connections without TLS"
severity = "medium"
duty = "data.encryption-in-transit"
why = "Unless the workgroup insists, a client may log in and read data without TLS, in the clear."
fix = """
aws redshift-serverless update-workgroup --workgroup-name NAME \\
  --config-parameters parameterKey=require_ssl,parameterValue=true
"""
[controls]
aws-fsbp = ["RedshiftServerless.2"]
nist-800-53-r5 = ["SC-8", "SC-8(1)"]
*/
select
  x.arn as resource,
  x.require_ssl as ok,
  case
    when x.require_ssl then 'clients must use TLS'
    else 'clients may connect without TLS'
  end as reason
from redshift_serverless_workgroup x
