/*
title = "Security groups of RDS instances keep the internet from the database's port"
severity = "high"
duty = "network.firewalls"
why = """\
A rule that lets the whole internet reach the database's port, over IPv4 or IPv6, leaves a \
password as the only lock."""
fix = """
aws ec2 revoke-security-group-ingress --group-id GROUP --security-group-rule-ids RULE
aws ec2 authorize-security-group-ingress --group-id GROUP --protocol tcp --port PORT \\
  --source-group APPLICATION_GROUP
"""
[controls]
nist-800-53-r5 = ["SC-7", "AC-4"]
*/
with reach as (
  select
    g.instance_arn,
    max(case when r.internet_wide then 1 else 0 end) as open_rules,
    max(case when r.internet_wide is null and r.group_id is not null then 1 else 0 end)
      as unsure_rules,
    min(case when r.internet_wide then r.group_id || ' from ' || r.cidr end) as example
  from rds_instance_security_group g
  join rds_instance i on i.arn = g.instance_arn
  left join security_group_reach r
    on r.group_id = g.group_id
    and r.account_id = g.account_id
    and r.region = g.region
    and r.direction = 'ingress'
    and r.protocol in ('-1', 'tcp')
    and (i.port is null or i.port between r.from_port and r.to_port)
  group by g.instance_arn
)
select
  i.arn as resource,
  case
    when r.open_rules = 1 and i.port is not null then false
    when r.open_rules = 1 or r.unsure_rules = 1 then null
    else true
  end as ok,
  case
    when r.open_rules = 1
      then 'port ' || cast(i.port as varchar) || ' is open to the internet through ' || r.example
    else 'no rule of its security groups lets the internet reach its port'
  end as reason
from rds_instance i
left join reach r on r.instance_arn = i.arn
