/*
title = "Instances use hardware virtualization"
severity = "medium"
duty = "compute.hardening"
why = "Paravirtual instances are of a past generation that gets neither new types nor new protections."
fix = """
# Rebuild from an HVM image on a current instance type.
aws ec2 run-instances --image-id HVM_IMAGE_ID --instance-type t3.small
"""
[controls]
aws-fsbp = ["EC2.24"]
nist-800-53-r5 = ["CM-2"]
*/
select
  i.arn as resource,
  i.virtualization_type = 'hvm' as ok,
  'its virtualization is ' || i.virtualization_type as reason
from ec2_instance i
