/*
title = "A public EKS endpoint lets in only named networks"
severity = "high"
duty = "network.firewalls"
why = "Where the endpoint must be public, the list of networks is the only firewall in front of the API of the cluster."
fix = """
aws eks update-cluster-config --name NAME \\
  --resources-vpc-config endpointPublicAccess=true,publicAccessCidrs=203.0.113.0/24
"""
[controls]
nist-800-53-r5 = ["SC-7", "AC-4"]
*/
select
  c.arn as resource,
  not c.endpoint_public_access or not (
    array_contains(c.public_access_cidrs, '0.0.0.0/0') or array_contains(c.public_access_cidrs, '::/0')
  ) as ok,
  case
    when not c.endpoint_public_access then 'the API endpoint is private'
    when array_contains(c.public_access_cidrs, '0.0.0.0/0')
      or array_contains(c.public_access_cidrs, '::/0')
      then 'the API endpoint lets in the whole internet'
    else 'the API endpoint lets in named networks only'
  end as reason
from eks_cluster c
