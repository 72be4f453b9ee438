/*
title = "CodeBuild projects are given no AWS keys as plain variables"
severity = "critical"
duty = "application.secrets"
why = "Keys in a project are readable by everybody who may read it and by every build, also one of a stranger’s pull request; the service role needs none."
fix = """
# Remove both variables and give the service role what the build needs:
aws codebuild update-project --name NAME --environment file://environment.json
aws iam update-access-key --user-name USER --access-key-id KEY --status Inactive
"""
[controls]
aws-fsbp = ["CodeBuild.2"]
nist-800-53-r5 = ["IA-5(7)"]
*/
select
  c.arn as resource,
  not (array_contains(c.plaintext_names, 'AWS_ACCESS_KEY_ID') or array_contains(c.plaintext_names, 'AWS_SECRET_ACCESS_KEY')) as ok,
  case when not (array_contains(c.plaintext_names, 'AWS_ACCESS_KEY_ID') or array_contains(c.plaintext_names, 'AWS_SECRET_ACCESS_KEY')) then 'no AWS key among the variables' else 'an AWS key is among the variables' end as reason
from codebuild_project c
