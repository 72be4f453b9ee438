/*
title = "CodeBuild source URLs hold no credentials"
severity = "critical"
duty = "application.secrets"
why = "A token in the URL of a repository is shown to everybody who may read the project, and written to every build log."
fix = """
aws codebuild update-project --name NAME --source type=BITBUCKET,location=https://bitbucket.org/TEAM/REPO.git
aws codebuild import-source-credentials --server-type BITBUCKET --auth-type OAUTH --token TOKEN
# Revoke the token that was in the URL: it has been in the open.
"""
[controls]
aws-fsbp = ["CodeBuild.1"]
nist-800-53-r5 = ["IA-5(7)", "SA-3"]
*/
select
  c.arn as resource,
  c.sources_with_credentials = 0 as ok,
  case when c.sources_with_credentials = 0 then 'no source URL holds credentials' else 'a source URL holds credentials' end as reason
from codebuild_project c
