/*
title = "Secrets rotate automatically"
severity = "medium"
duty = "application.secrets"
why = "A secret that nobody changes stays valid for everyone who ever saw it."
fix = """
aws secretsmanager rotate-secret --secret-id NAME --rotation-lambda-arn FUNCTION_ARN \\
  --rotation-rules AutomaticallyAfterDays=30
"""
[controls]
aws-fsbp = ["SecretsManager.1"]
nist-800-53-r5 = ["IA-5", "IA-5(7)"]
*/
select
  s.arn as resource,
  s.rotation_enabled as ok,
  case
    when s.rotation_enabled then 'automatic rotation is on'
    else 'automatic rotation is off'
  end as reason
from secretsmanager_secret s
