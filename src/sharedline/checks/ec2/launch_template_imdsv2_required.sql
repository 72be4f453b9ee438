/*
title = "Launch templates require IMDSv2"
severity = "low"
duty = "compute.hardening"
why = "Each instance launched from a template that does not ask for tokens answers metadata requests of version 1."
fix = """
aws ec2 create-launch-template-version --launch-template-id TEMPLATE_ID --source-version '$Default' \
  --launch-template-data '{"MetadataOptions": {"HttpTokens": "required"}}'
aws ec2 modify-launch-template --launch-template-id TEMPLATE_ID --default-version NEW_VERSION
"""
[controls]
aws-fsbp = ["EC2.170"]
nist-800-53-r5 = ["AC-3", "AC-6"]
*/
select
  t.arn as resource,
  case when v.http_endpoint = 'disabled' then true else v.http_tokens = 'required' end as ok,
  case
    when v.http_tokens = '' then 'its default version says nothing about metadata tokens'
    else 'its metadata tokens are ' || v.http_tokens
  end as reason
from ec2_launch_template t
left join ec2_launch_template_version v on v.arn = t.arn
