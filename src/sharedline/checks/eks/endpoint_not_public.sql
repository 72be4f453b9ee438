/*
title = "EKS clusters have no public API endpoint"
severity = "high"
duty = "network.segmentation"
why = "Every hole in the Kubernetes API and every leaked token can be tried from anywhere while the endpoint is on the internet."
fix = """
aws eks update-cluster-config --name NAME \\
  --resources-vpc-config endpointPublicAccess=false,endpointPrivateAccess=true
"""
[controls]
aws-fsbp = ["EKS.1"]
nist-800-53-r5 = ["SC-7", "AC-3"]
*/
select
  c.arn as resource,
  not c.endpoint_public_access as ok,
  case
    when c.endpoint_public_access then 'the API endpoint is on the internet'
    else 'the API endpoint is private'
  end as reason
from eks_cluster c
