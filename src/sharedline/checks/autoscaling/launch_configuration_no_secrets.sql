/*
title = "Launch configurations hold no secrets"
severity = "critical"
duty = "application.secrets"
why = "User data is readable by everybody who may describe the configuration and by every process on the machines."
fix = """
# A launch configuration cannot be changed: make a launch template with the setting and move the group.
aws ec2 create-launch-template --launch-template-name NAME --launch-template-data file://template.json
aws autoscaling update-auto-scaling-group --auto-scaling-group-name GROUP \
  --launch-template LaunchTemplateName=NAME,Version='$Default'
"""
[controls]
nist-800-53-r5 = ["IA-5(7)", "SC-28"]
*/
select
  x.arn as resource,
  x.secrets_found = '' as ok,
  case when x.secrets_found = '' then 'nothing like a secret was found' else 'its user data seems to hold: ' || x.secrets_found end as reason
from autoscaling_launch_configuration x
