/*
title = "Launch configurations require IMDSv2"
severity = "high"
duty = "compute.hardening"
why = "Each instance launched without asking for tokens answers metadata requests of version 1, which a web flaw can make in its name."
fix = """
# A launch configuration cannot be changed: make a launch template with the setting and move the group.
aws ec2 create-launch-template --launch-template-name NAME --launch-template-data file://template.json
aws autoscaling update-auto-scaling-group --auto-scaling-group-name GROUP \
  --launch-template LaunchTemplateName=NAME,Version='$Default'
"""
[controls]
aws-fsbp = ["AutoScaling.3"]
nist-800-53-r5 = ["AC-3", "AC-6"]
*/
select
  x.arn as resource,
  case when x.http_endpoint = 'disabled' then true else x.http_tokens = 'required' end as ok,
  case
    when x.http_endpoint = 'disabled' then 'it turns the metadata service off'
    when x.http_tokens = '' then 'it says nothing about metadata tokens'
    else 'its metadata tokens are ' || x.http_tokens
  end as reason
from autoscaling_launch_configuration x
