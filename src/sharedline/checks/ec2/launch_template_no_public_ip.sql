/*
title = "Launch templates assign no public addresses"
severity = "high"
duty = "network.segmentation"
why = "A template that asks for a public address puts every instance launched from it on the internet."
fix = """
aws ec2 create-launch-template-version --launch-template-id TEMPLATE_ID --source-version '$Default' \
  --launch-template-data '{"NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": false}]}'
aws ec2 modify-launch-template --launch-template-id TEMPLATE_ID --default-version NEW_VERSION
"""
[controls]
aws-fsbp = ["EC2.25"]
nist-800-53-r5 = ["AC-4", "SC-7", "SC-7(3)"]
*/
select
  t.arn as resource,
  not v.assigns_public_ip as ok,
  case when v.assigns_public_ip then 'an interface of it asks for a public address' else 'no interface asks for one' end as reason
from ec2_launch_template t
left join ec2_launch_template_version v on v.arn = t.arn
