/*
title = "OpenSearch domains live in a VPC"
severity = "critical"
duty = "data.exposure"
why = """\
A domain outside a VPC has a public endpoint, and its access policy is the only thing between the \
internet and the indexes."""
fix = """
# The network is chosen at creation: create a new domain in a VPC and restore a snapshot into it.
aws opensearch create-domain --domain-name NEW --vpc-options SubnetIds=SUBNETS,SecurityGroupIds=GROUP
"""
[controls]
aws-fsbp = ["Opensearch.2"]
nist-800-53-r5 = ["SC-7", "AC-4"]
*/
select
  d.arn as resource,
  d.vpc_id <> '' as ok,
  case
    when d.vpc_id = '' then 'it has a public endpoint'
    else 'it lives in ' || d.vpc_id
  end as reason
from opensearch_domain d
