/*
title = "Launch templates leave no volume unencrypted"
severity = "medium"
duty = "data.encryption-at-rest"
why = "A template that switches encryption off makes unencrypted disks wherever the Region's default does not overrule it."
fix = """
aws ec2 create-launch-template-version --launch-template-id TEMPLATE_ID --source-version '$Default' \
  --launch-template-data '{"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": true}}]}'
aws ec2 modify-launch-template --launch-template-id TEMPLATE_ID --default-version NEW_VERSION
"""
[controls]
aws-fsbp = ["EC2.181"]
nist-800-53-r5 = ["SC-28", "SC-28(1)"]
*/
select
  t.arn as resource,
  not v.has_unencrypted_volume as ok,
  case when v.has_unencrypted_volume then 'a volume is set not to be encrypted' else 'no volume is set not to be encrypted' end as reason
from ec2_launch_template t
left join ec2_launch_template_version v on v.arn = t.arn
