/*
title = "Instances run recent images"
severity = "medium"
duty = "compute.guest-patching"
why = "An image carries the patches of the day it was made; a machine built from an old one starts with every flaw found since, and AWS patches neither."
fix = """
# Find a current image, rebuild from it (or patch in place and bake a new image):
aws ssm get-parameters-by-path --path /aws/service/ami-amazon-linux-latest
"""
[controls]
nist-800-53-r5 = ["SI-2", "CM-2"]
[params]
max_days = 180
*/
select
  i.arn as resource,
  m.image_creation_date >= scan.as_of - interval '1' day * $max_days as ok,
  'its image was made on ' || cast(cast(m.image_creation_date as date) as varchar) as reason
from ec2_instance i
left join ec2_instance_image m on m.arn = i.arn
