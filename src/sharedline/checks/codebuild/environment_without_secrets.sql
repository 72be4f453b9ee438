/*
title = "Plain variables of CodeBuild projects hold no credentials"
severity = "high"
duty = "application.secrets"
why = "Plain variables show in the console, in the history of the project and often in build logs."
fix = """
# Make the variable refer to a secret, then change the credential: it has been in the open.
aws codebuild update-project --name NAME --environment \\
  'type=LINUX_CONTAINER,image=IMAGE,computeType=BUILD_GENERAL1_SMALL,environmentVariables=[{name=TOKEN,value=SECRET_NAME,type=SECRETS_MANAGER}]'
"""
[controls]
nist-800-53-r5 = ["IA-5(7)", "SC-28"]
*/
select
  c.arn as resource,
  c.plaintext_secrets = '{}' as ok,
  case when c.plaintext_secrets = '{}' then 'no plain variable holds a credential' else 'plain variables hold credentials' end as reason
from codebuild_project c
