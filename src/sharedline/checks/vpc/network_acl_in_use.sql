/*
title = "Network access lists are in use"
severity = "low"
duty = "configuration.inventory-ownership"
why = "A list that no subnet uses protects nothing and makes people believe that it does."
fix = """
aws ec2 delete-network-acl --network-acl-id ACL_ID
"""
[controls]
aws-fsbp = ["EC2.16"]
nist-800-53-r5 = ["CM-8(1)"]
*/
select
  a.arn as resource,
  a.association_count > 0 as ok,
  case when a.association_count > 0 then 'subnets use it' else 'no subnet uses it' end as reason
from ec2_network_acl a
where not a.is_default or a.is_default is null
