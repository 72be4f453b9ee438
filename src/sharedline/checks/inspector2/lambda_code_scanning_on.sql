/*
title = "Amazon Inspector scans the code of Lambda functions"
severity = "high"
duty = "application.vulnerability-scanning"
why = "Injection flaws, weak cryptography and leaked data in your own function code are yours to find; AWS looks only when asked."
fix = """
aws inspector2 enable --region REGION --account-ids ACCOUNT --resource-types LAMBDA_CODE
"""
[controls]
aws-fsbp = ["Inspector.3"]
nist-800-53-r5 = ["RA-5", "SI-2"]
*/
select
  a.arn as resource,
  a.lambda_code_status = 'ENABLED' as ok,
  'Lambda Code scanning is ' || lower(a.lambda_code_status) as reason
from inspector2_account a
