/*
title = "SageMaker notebooks give their users no root access"
severity = "high"
duty = "compute.hardening"
why = "With root, anybody who opens the notebook can change its services and settings, and read what others left on it."
fix = """
aws sagemaker stop-notebook-instance --notebook-instance-name NAME
aws sagemaker update-notebook-instance --notebook-instance-name NAME --root-access Disabled
"""
[controls]
aws-fsbp = ["SageMaker.3"]
nist-800-53-r5 = ["AC-6", "CM-6"]
*/
select
  s.arn as resource,
  s.root_access = 'Disabled' as ok,
  case when s.root_access = 'Disabled' then 'users have no root access' else 'users have root access' end as reason
from sagemaker_notebook_instance s
