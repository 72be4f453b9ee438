/*
title = "SageMaker notebooks are in a VPC of yours"
severity = "high"
duty = "network.segmentation"
why = "Outside your VPC no security group, flow log or endpoint policy of yours applies to the notebook."
fix = """
# The setting is fixed when a notebook is made: stop it, save the work, and create another.
aws sagemaker create-notebook-instance --notebook-instance-name NEW --instance-type TYPE --role-arn ROLE \\
  --subnet-id SUBNET --security-group-ids GROUP --direct-internet-access Disabled --root-access Disabled
"""
[controls]
aws-fsbp = ["SageMaker.2"]
nist-800-53-r5 = ["SC-7", "AC-4"]
*/
select
  s.arn as resource,
  s.subnet_id <> '' as ok,
  case when s.subnet_id <> '' then 'it is in a subnet of yours' else 'it is in a network of the service' end as reason
from sagemaker_notebook_instance s
