/*
title = "Elastic IP addresses are in use"
severity = "low"
duty = "configuration.inventory-ownership"
why = "An address that nothing uses costs money and stays in allow lists and DNS, ready for whoever gets it next."
fix = """
aws ec2 release-address --allocation-id ALLOCATION_ID
"""
[controls]
aws-security-hub = ["EC2.12"]
nist-800-53-r5 = ["CM-8(1)"]
*/
select
  e.arn as resource,
  e.association_id <> '' as ok,
  case when e.association_id <> '' then 'it is in use' else 'nothing uses it' end as reason
from ec2_address e
where e.domain = 'vpc' or e.domain is null
