/*
title = "Lambda function URLs ask who is calling"
severity = "high"
duty = "data.exposure"
why = "A function URL without authentication is an unguarded door to your code and its role for everybody who learns the address."
fix = """
aws lambda update-function-url-config --function-name NAME --auth-type AWS_IAM
"""
[controls]
nist-800-53-r5 = ["AC-3", "IA-2"]
*/
select
  u.arn as resource,
  u.auth_type = 'AWS_IAM' as ok,
  'the URL asks for authentication: ' || u.auth_type as reason
from lambda_function_url u
