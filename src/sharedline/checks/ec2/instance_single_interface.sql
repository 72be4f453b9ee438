/*
title = "Instances have one network interface"
severity = "low"
duty = "network.segmentation"
why = "A machine in two subnets is a bridge between them that no firewall rule shows."
fix = """
aws ec2 detach-network-interface --attachment-id ATTACHMENT_ID
"""
[controls]
aws-fsbp = ["EC2.17"]
nist-800-53-r5 = ["AC-4(21)"]
*/
select
  i.arn as resource,
  i.network_interface_count <= 1 as ok,
  'it has ' || cast(i.network_interface_count as varchar) || ' network interfaces' as reason
from ec2_instance i
