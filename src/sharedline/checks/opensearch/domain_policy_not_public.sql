/*
title = "OpenSearch domains with a public endpoint do not let everybody in"
severity = "critical"
duty = "data.exposure"
why = """\
A public endpoint with an open access policy is a database on the internet without a password. \
Domains in a VPC are judged by their security groups."""
fix = """
aws opensearch update-domain-config --domain-name NAME --access-policies file://policy.json
"""
[controls]
"cis-aws-7.0.0" = ["2.21"]
nist-800-53-r5 = ["AC-3", "AC-6"]
*/
select
  d.arn as resource,
  not p.is_public as ok,
  case
    when p.is_public then 'its access policy lets everybody in: ' || p.public_reason
    else 'its access policy does not let everybody in'
  end as reason
from opensearch_domain d
left join resource_policy p on p.arn = d.arn and p.account_id = d.account_id
where d.vpc_id is null or d.vpc_id = ''
