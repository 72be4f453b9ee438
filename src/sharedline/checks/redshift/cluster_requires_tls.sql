/*
title = "Redshift clusters refuse connections without TLS"
severity = "medium"
duty = "data.encryption-in-transit"
why = "Unless the cluster insists, a client may log in and read data without TLS, in the clear."
fix = """
aws redshift modify-cluster-parameter-group --parameter-group-name GROUP \\
  --parameters ParameterName=require_ssl,ParameterValue=true
aws redshift reboot-cluster --cluster-identifier NAME
"""
[controls]
aws-fsbp = ["Redshift.2"]
nist-800-53-r5 = ["SC-8", "SC-8(1)"]
*/
select
  c.arn as resource,
  g.require_ssl as ok,
  'require_ssl is ' || cast(g.require_ssl as varchar) || ' in ' || c.parameter_group_name as reason
from redshift_cluster c
left join redshift_parameter_group g
  on g.parameter_group_name = c.parameter_group_name
  and g.account_id = c.account_id
  and g.region = c.region
