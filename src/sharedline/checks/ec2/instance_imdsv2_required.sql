/*
title = "Instances require IMDSv2"
severity = "high"
duty = "compute.hardening"
why = "Version 1 of the instance metadata service answers any request that reaches it, so a web flaw that fetches URLs yields the instance role's credentials; version 2 asks for a token first."
fix = """
aws ec2 modify-instance-metadata-options --instance-id INSTANCE_ID --http-tokens required
"""
[controls]
aws-fsbp = ["EC2.8"]
"cis-aws-7.0.0" = ["6.7"]
nist-800-53-r5 = ["AC-3", "AC-6"]
*/
select
  i.arn as resource,
  case when i.http_endpoint = 'disabled' then true else i.http_tokens = 'required' end as ok,
  case
    when i.http_endpoint = 'disabled' then 'its metadata service is off'
    else 'its metadata tokens are ' || i.http_tokens
  end as reason
from ec2_instance i
