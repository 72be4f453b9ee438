/*
title = "New instances require IMDSv2 by default"
severity = "medium"
duty = "compute.hardening"
why = "The account's default decides for every instance whose launch says nothing; without it one forgotten option brings version 1 back."
fix = """
aws ec2 modify-instance-metadata-defaults --http-tokens required --region REGION
"""
[controls]
nist-800-53-r5 = ["AC-6", "CM-6"]
*/
select
  r.arn as resource,
  case when d.http_endpoint = 'disabled' then true else d.http_tokens = 'required' end as ok,
  'the default of the Region is ' || d.http_tokens as reason
from account_region r
left join ec2_instance_metadata_defaults d on d.arn = r.arn
