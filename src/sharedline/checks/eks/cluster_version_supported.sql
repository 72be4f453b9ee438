/*
title = "EKS clusters run a Kubernetes version in standard support"
severity = "high"
duty = "compute.runtime-patching"
why = "After standard support AWS fixes fewer things at a higher price, and at the end upgrades the cluster on a day that it chooses."
fix = """
aws eks update-cluster-version --name NAME --kubernetes-version NEXT_MINOR
"""
tolerates = ["eks_cluster_version", "eks_version_support"]
[controls]
aws-fsbp = ["EKS.2"]
nist-800-53-r5 = ["SI-2", "SA-22"]
*/
select
  c.arn as resource,
  scan.as_of < v.standard_until as ok,
  case
    when v.version is null then 'no support dates are known for Kubernetes ' || c.version
    when scan.as_of < v.standard_until
      then 'Kubernetes ' || c.version || ' until ' || substr(cast(v.standard_until as varchar), 1, 10)
    else 'standard support of Kubernetes ' || c.version || ' ended by '
      || substr(cast(v.standard_until as varchar), 1, 10)
  end as reason
from eks_cluster c
left join eks_version_support v on v.version = c.version
