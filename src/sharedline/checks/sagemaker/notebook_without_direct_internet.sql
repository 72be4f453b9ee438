/*
title = "SageMaker notebooks have no direct access to the internet"
severity = "high"
duty = "network.segmentation"
why = "A notebook that reaches the internet past your network can carry out whatever data it may read, and nothing of yours sees it."
fix = """
# The setting is fixed when a notebook is made: stop it, save the work, and create another.
aws sagemaker create-notebook-instance --notebook-instance-name NEW --instance-type TYPE --role-arn ROLE \\
  --subnet-id SUBNET --security-group-ids GROUP --direct-internet-access Disabled --root-access Disabled
"""
[controls]
aws-fsbp = ["SageMaker.1"]
nist-800-53-r5 = ["SC-7", "AC-4"]
*/
select
  s.arn as resource,
  s.direct_internet_access = 'Disabled' as ok,
  case when s.direct_internet_access = 'Disabled' then 'traffic goes through your VPC' else 'the notebook reaches the internet past your VPC' end as reason
from sagemaker_notebook_instance s
