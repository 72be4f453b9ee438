/*
title = "Environment variables of Lambda functions hold no credentials"
severity = "high"
duty = "application.secrets"
why = "Everybody who may read a function configuration reads its variables in plain text, and they are copied into consoles, templates and tickets."
fix = """
aws secretsmanager create-secret --name NAME --secret-string file://secret.txt
# Let the function read it at start, give its role secretsmanager:GetSecretValue, drop the variable,
# and change the credential: it has been in the open.
"""
[controls]
nist-800-53-r5 = ["IA-5(7)", "SC-28"]
*/
-- The variables are judged while they are read; neither their values nor a hash of them is kept.
select
  f.arn as resource,
  f.environment_secrets = '{}' as ok,
  case
    when f.environment_secrets = '{}' then 'no variable holds a credential'
    when f.environment_error <> '' then 'Lambda could not decrypt them: ' || f.environment_error
    else 'variables that hold a credential: ' || f.environment_secrets
  end as reason
from lambda_function f
