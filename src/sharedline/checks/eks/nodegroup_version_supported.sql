/*
title = "EKS node groups run a Kubernetes version in standard support"
severity = "high"
duty = "compute.runtime-patching"
why = "Upgrading the cluster leaves the nodes behind: their kubelet and operating system image stay without fixes until you replace them."
fix = """
aws eks update-nodegroup-version --cluster-name CLUSTER --nodegroup-name NAME
"""
tolerates = ["eks_cluster_version", "eks_version_support"]
[controls]
aws-fsbp = ["EKS.9"]
nist-800-53-r5 = ["SI-2", "SA-22"]
*/
select
  n.arn as resource,
  scan.as_of < v.standard_until as ok,
  case
    when v.version is null then 'no support dates are known for Kubernetes ' || n.version
    when scan.as_of < v.standard_until
      then 'Kubernetes ' || n.version || ' until ' || substr(cast(v.standard_until as varchar), 1, 10)
    else 'standard support of Kubernetes ' || n.version || ' ended by '
      || substr(cast(v.standard_until as varchar), 1, 10)
  end as reason
from eks_nodegroup n
left join eks_version_support v on v.version = n.version
