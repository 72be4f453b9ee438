/*
title = "VPC flow logs record rejected traffic"
severity = "medium"
duty = "monitoring.audit-logging"
why = "Without flow logs nobody can say afterwards who talked to what, or see a scan while it runs."
fix = """
aws ec2 create-flow-logs --resource-type VPC --resource-ids VPC_ID --traffic-type REJECT \
  --log-destination-type s3 --log-destination arn:aws:s3:::BUCKET
"""
[controls]
aws-fsbp = ["EC2.6"]
"cis-aws-7.0.0" = ["4.7"]
nist-800-53-r5 = ["AU-2", "AU-12", "AC-4(26)", "SI-7(8)"]
*/
with logs as (
  select
    account_id,
    region,
    resource_id,
    max(
      case when flow_log_status = 'ACTIVE' and traffic_type in ('REJECT', 'ALL') then 1 else 0 end
    ) as is_logged,
    max(
      case when flow_log_status is null or traffic_type is null then 1 else 0 end
    ) as is_unclear
  from ec2_flow_log
  group by account_id, region, resource_id
)
select
  v.arn as resource,
  case when l.is_logged = 1 then true when l.is_unclear = 1 then null else false end as ok,
  case
    when l.is_logged = 1 then 'an active flow log records rejected traffic'
    when l.resource_id is null then 'it has no flow log'
    else 'no active flow log records rejected traffic'
  end as reason
from ec2_vpc v
left join logs l
  on l.resource_id = v.vpc_id and l.account_id = v.account_id and l.region = v.region
where v.owner_id in ('', v.account_id)
