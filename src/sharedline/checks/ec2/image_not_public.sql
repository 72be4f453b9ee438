/*
title = "Machine images are not public"
severity = "high"
duty = "data.exposure"
why = "Everybody with an AWS account can start a public image and read what is on its disks: code, keys, data."
fix = """
aws ec2 modify-image-attribute --image-id IMAGE_ID --launch-permission "Remove=[{Group=all}]"
"""
[controls]
nist-800-53-r5 = ["AC-3", "AC-21", "SC-7"]
*/
select
  m.arn as resource,
  not m.public as ok,
  case when m.public then 'everybody may launch it' else 'it is not shared with everybody' end
    as reason
from ec2_image m
