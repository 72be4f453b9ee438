/*
title = "Subnets do not give out public addresses by themselves"
severity = "medium"
duty = "network.segmentation"
why = "In a subnet that hands out public addresses, whatever is launched is on the internet unless somebody thinks of it."
fix = """
aws ec2 modify-subnet-attribute --subnet-id SUBNET_ID --no-map-public-ip-on-launch
aws ec2 modify-subnet-attribute --subnet-id SUBNET_ID --no-assign-ipv6-address-on-creation
"""
[controls]
aws-fsbp = ["EC2.15"]
nist-800-53-r5 = ["AC-4", "SC-7", "SC-7(3)"]
*/
select
  s.arn as resource,
  not s.map_public_ip_on_launch and not s.assign_ipv6_address_on_creation as ok,
  case
    when s.map_public_ip_on_launch then 'new interfaces get a public IPv4 address'
    when s.assign_ipv6_address_on_creation then 'new interfaces get an IPv6 address'
    else 'new interfaces get private addresses'
  end as reason
from ec2_subnet s
