/*
title = "Instances have no public IPv4 address"
severity = "high"
duty = "network.segmentation"
why = "A machine with a public address is one security group rule away from the internet; behind a load balancer or a gateway it is not."
fix = """
# Put it behind a load balancer or reach it through Session Manager, then take the address away:
aws ec2 disassociate-address --association-id ASSOCIATION_ID
# An address that AWS gave at launch goes with: aws ec2 modify-network-interface-attribute
#   --network-interface-id ENI_ID --no-associate-public-ip-address
"""
[controls]
aws-fsbp = ["EC2.9"]
nist-800-53-r5 = ["AC-4", "SC-7", "SC-7(3)"]
*/
select
  i.arn as resource,
  i.public_ip_address = '' as ok,
  case
    when i.public_ip_address = '' then 'it has no public IPv4 address'
    else 'its public address is ' || i.public_ip_address
  end as reason
from ec2_instance i
