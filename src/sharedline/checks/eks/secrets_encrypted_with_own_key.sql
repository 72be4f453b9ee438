/*
title = "EKS clusters encrypt Kubernetes secrets with a key of yours"
severity = "medium"
duty = "data.key-management"
why = "With a KMS key of your own, reading the secrets of the cluster needs your key, is logged, and can be stopped by you."
fix = """
# Cannot be undone once set.
aws eks associate-encryption-config --cluster-name NAME --encryption-config \\
  '[{"resources":["secrets"],"provider":{"keyArn":"KEY_ARN"}}]'
"""
[controls]
aws-fsbp = ["EKS.3"]
nist-800-53-r5 = ["SC-12", "SC-28"]
*/
-- Since Kubernetes 1.28 AWS encrypts secrets with a key it owns; this asks for one of yours.
select
  c.arn as resource,
  c.kms_key_arn <> '' as ok,
  case
    when c.kms_key_arn <> '' then 'secrets are encrypted with ' || c.kms_key_arn
    else 'no key of yours encrypts the secrets'
  end as reason
from eks_cluster c
