/*
title = "Amazon Inspector scans the packages of Lambda functions"
severity = "high"
duty = "application.vulnerability-scanning"
why = "AWS patches the runtime, never the libraries that you bundle with a function."
fix = """
aws inspector2 enable --region REGION --account-ids ACCOUNT --resource-types LAMBDA
"""
[controls]
aws-fsbp = ["Inspector.4"]
nist-800-53-r5 = ["RA-5", "SI-2"]
*/
select
  a.arn as resource,
  a.lambda_status = 'ENABLED' as ok,
  'Lambda scanning is ' || lower(a.lambda_status) as reason
from inspector2_account a
