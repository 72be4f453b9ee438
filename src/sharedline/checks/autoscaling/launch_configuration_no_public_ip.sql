/*
title = "Launch configurations assign no public addresses"
severity = "high"
duty = "network.segmentation"
why = "A configuration that asks for a public address puts every machine of the group on the internet."
fix = """
# A launch configuration cannot be changed: make a launch template with the setting and move the group.
aws ec2 create-launch-template --launch-template-name NAME --launch-template-data file://template.json
aws autoscaling update-auto-scaling-group --auto-scaling-group-name GROUP \
  --launch-template LaunchTemplateName=NAME,Version='$Default'
"""
[controls]
aws-fsbp = ["Autoscaling.5"]
nist-800-53-r5 = ["AC-4", "SC-7", "SC-7(3)"]
*/
select
  x.arn as resource,
  not x.associate_public_ip_address as ok,
  case when x.associate_public_ip_address then 'it asks for a public address' else 'it asks for no public address' end as reason
from autoscaling_launch_configuration x
