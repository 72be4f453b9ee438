/*
title = "Groups launch from launch templates"
severity = "medium"
duty = "configuration.baseline"
why = "Launch configurations are of the past: no versions, no new instance types, no newer settings."
fix = """
aws autoscaling update-auto-scaling-group --auto-scaling-group-name NAME \
  --launch-template LaunchTemplateId=TEMPLATE_ID,Version='$Default'
"""
[controls]
aws-fsbp = ["AutoScaling.9"]
nist-800-53-r5 = ["CM-2"]
*/
select
  x.arn as resource,
  x.launch_template_id <> '' as ok,
  case when x.launch_template_id <> '' then 'it launches from ' || x.launch_template_id else 'it has no launch template' end as reason
from autoscaling_group x
