/*
title = "Redshift Serverless workgroups copy data through the VPC"
severity = "high"
duty = "network.segmentation"
why = """\
Otherwise COPY and UNLOAD go past your endpoints, firewalls and flow logs over the internet \
routes."""
fix = """
aws redshift-serverless update-workgroup --workgroup-name NAME --enhanced-vpc-routing
"""
[controls]
aws-fsbp = ["RedshiftServerless.1"]
nist-800-53-r5 = ["SC-7", "AC-4"]
*/
select
  x.arn as resource,
  x.enhanced_vpc_routing as ok,
  case
    when x.enhanced_vpc_routing then 'enhanced VPC routing is on'
    else 'enhanced VPC routing is off'
  end as reason
from redshift_serverless_workgroup x
