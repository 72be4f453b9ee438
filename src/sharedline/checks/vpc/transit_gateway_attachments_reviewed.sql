/*
title = "Transit gateways do not accept attachments by themselves"
severity = "high"
duty = "network.segmentation"
why = "A transit gateway that accepts every request joins another account's network to yours without anybody looking."
fix = """
aws ec2 modify-transit-gateway --transit-gateway-id TGW_ID --options AutoAcceptSharedAttachments=disable
"""
[controls]
aws-fsbp = ["EC2.23"]
nist-800-53-r5 = ["AC-4(21)", "CM-2"]
*/
select
  t.arn as resource,
  t.auto_accept_shared_attachments = 'disable' as ok,
  case
    when t.auto_accept_shared_attachments = 'enable' then 'it accepts every shared attachment'
    else 'attachments are accepted one by one'
  end as reason
from ec2_transit_gateway t
