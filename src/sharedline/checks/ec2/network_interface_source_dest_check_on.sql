/*
title = "Network interfaces check source and destination"
severity = "medium"
duty = "network.firewalls"
why = "An interface without this check passes on other machines' traffic and can pose as them."
fix = """
aws ec2 modify-network-interface-attribute --network-interface-id ENI_ID --source-dest-check
"""
[controls]
aws-fsbp = ["EC2.180"]
nist-800-53-r5 = ["SC-7", "AC-4"]
*/
select
  n.arn as resource,
  n.source_dest_check as ok,
  case
    when n.source_dest_check then 'the check is on'
    else 'the check is off'
  end as reason
from ec2_network_interface n
where n.interface_type is null
  or n.interface_type in (
    'aws_codestar_connections_managed', 'branch', 'efa', 'interface', 'lambda', 'quicksight'
  )
