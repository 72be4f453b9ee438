/*
title = "VPCs reach S3 through an endpoint"
severity = "medium"
duty = "network.segmentation"
why = "Without an endpoint, traffic to S3 leaves the VPC through a gateway to the internet, which then has to stay open and cannot be limited to your own account."
fix = """
aws ec2 create-vpc-endpoint --vpc-id VPC_ID --vpc-endpoint-type Gateway \
  --service-name com.amazonaws.REGION.s3 --route-table-ids TABLE_IDS
"""
[controls]
nist-800-53-r5 = ["SC-7", "AC-4", "SC-7(21)"]
*/
with endpoints as (
  select
    e.account_id,
    e.region,
    e.vpc_id,
    max(case when lower(e.state) = 'available' then 1 else 0 end) as is_there,
    max(case when e.state is null then 1 else 0 end) as is_unclear
  from ec2_vpc_endpoint e
  where e.vpc_endpoint_type in ('Interface', 'Gateway')
    and e.service_name like '%.amazonaws.%.s3'
  group by e.account_id, e.region, e.vpc_id
)
select
  v.arn as resource,
  case when p.is_there = 1 then true when p.is_unclear = 1 then null else false end as ok,
  case
    when p.is_there = 1 then 'it has an endpoint for s3'
    when p.vpc_id is null then 'it has no endpoint for s3'
    else 'its endpoint for s3 is not available'
  end as reason
from ec2_vpc v
left join endpoints p
  on p.vpc_id = v.vpc_id and p.account_id = v.account_id and p.region = v.region
where v.owner_id in ('', v.account_id)
