/*
title = "Routes to peered VPCs are narrow"
severity = "medium"
duty = "network.segmentation"
why = "A route to the whole of the other VPC lets every machine of both talk to each other; a route to the subnet that is needed does not."
fix = """
aws ec2 delete-route --route-table-id TABLE_ID --destination-cidr-block WIDE_BLOCK
aws ec2 create-route --route-table-id TABLE_ID --destination-cidr-block SUBNET_BLOCK \
  --vpc-peering-connection-id PEERING_ID
"""
[controls]
"cis-aws-7.0.0" = ["6.6"]
nist-800-53-r5 = ["SC-7", "AC-4"]
*/
with routes as (
  select
    c.arn,
    max(
      case
        when r.destination in ('0.0.0.0/0', '::/0') then 1
        when r.destination in (c.requester_cidr_block, c.accepter_cidr_block) then 1
        when array_contains(c.requester_cidr_blocks, r.destination) then 1
        when array_contains(c.accepter_cidr_blocks, r.destination) then 1
        else 0
      end
    ) as is_wide,
    max(case when r.destination is null then 1 else 0 end) as is_unclear
  from ec2_vpc_peering_connection c
  join ec2_route r
    on r.vpc_peering_connection_id = c.vpc_peering_connection_id
    and r.account_id = c.account_id
    and r.region = c.region
  group by c.arn
)
select
  c.arn as resource,
  case when r.is_wide = 1 then false when r.is_unclear = 1 then null else true end as ok,
  case
    when r.is_wide = 1 then 'a route leads to the whole of a peered VPC'
    else 'no route leads to the whole of a peered VPC'
  end as reason
from ec2_vpc_peering_connection c
left join routes r on r.arn = c.arn
where c.status = 'active' or c.status is null
