/*
title = "Lambda functions in a VPC use several Availability Zones"
severity = "medium"
duty = "resilience.workload-design"
why = "A function outside a VPC runs in several zones by itself; inside one it stops with the only zone it was given."
fix = """
aws lambda update-function-configuration --function-name NAME \\
  --vpc-config SubnetIds=SUBNET_ZONE_A,SUBNET_ZONE_B,SecurityGroupIds=GROUP
"""
[controls]
aws-fsbp = ["Lambda.5"]
nist-800-53-r5 = ["CP-10", "SC-36"]
[params]
min_zones = 2
*/
with zones as (
  select
    l.arn,
    count(distinct s.availability_zone) as known,
    sum(case when s.availability_zone is null then 1 else 0 end) as unread
  from lambda_function_subnet l
  left join ec2_subnet s
    on s.account_id = l.account_id and s.region = l.region and s.subnet_id = l.subnet_id
  group by l.arn
)
select
  f.arn as resource,
  case
    when z.known >= $min_zones then true
    when z.unread = 0 then false
  end as ok,
  'its subnets are in ' || z.known || ' known zones' as reason
from lambda_function f
left join zones z on z.arn = f.arn
where (f.vpc_id is null or f.vpc_id <> '')
