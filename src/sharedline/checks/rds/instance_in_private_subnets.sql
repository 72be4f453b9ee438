/*
title = "RDS instances live in subnets without a route to the internet"
severity = "high"
duty = "network.segmentation"
why = """\
In a subnet with a route to an internet gateway one changed switch makes the database public; in \
a private one it cannot be."""
fix = """
aws rds create-db-subnet-group --db-subnet-group-name private --db-subnet-group-description private \\
  --subnet-ids PRIVATE_SUBNETS
aws rds modify-db-instance --db-instance-identifier NAME --db-subnet-group-name private
"""
[controls]
aws-fsbp = ["RDS.46"]
nist-800-53-r5 = ["SC-7", "SC-7(21)"]
*/
with to_internet as (
  select r.route_table_id, r.account_id, r.region, count(*) as routes
  from ec2_route r
  where r.gateway_id like 'igw-%'
    and (r.destination_cidr_block = '0.0.0.0/0' or r.destination_ipv6_cidr_block = '::/0')
  group by r.route_table_id, r.account_id, r.region
),
route_table as (
  select
    t.account_id,
    t.region,
    t.vpc_id,
    t.is_main,
    t.subnet_ids,
    case when g.routes is not null then 1 else 0 end as public
  from ec2_route_table t
  left join to_internet g
    on g.route_table_id = t.route_table_id
    and g.account_id = t.account_id
    and g.region = t.region
),
subnet as (
  select
    s.instance_arn,
    s.subnet_id,
    coalesce(max(own.public), max(main.public)) as public
  from rds_instance_subnet s
  left join route_table own
    on own.account_id = s.account_id
    and own.region = s.region
    and array_contains(own.subnet_ids, s.subnet_id)
  left join route_table main
    on main.account_id = s.account_id
    and main.region = s.region
    and main.vpc_id = s.vpc_id
    and main.is_main
  group by s.instance_arn, s.subnet_id
),
placed as (
  select
    s.instance_arn,
    max(s.public) as public,
    max(case when s.public is null then 1 else 0 end) as unsure,
    min(case when s.public = 1 then s.subnet_id end) as example
  from subnet s
  group by s.instance_arn
)
select
  i.arn as resource,
  case
    when p.public = 1 then false
    when p.unsure = 1 then null
    else p.public = 0
  end as ok,
  case
    when p.public = 1 then p.example || ' has a route to an internet gateway'
    else 'none of its subnets has a route to an internet gateway'
  end as reason
from rds_instance i
left join placed p on p.instance_arn = i.arn
