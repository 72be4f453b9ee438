/*
title = "Security groups of Redshift clusters keep the internet from the cluster's port"
severity = "high"
duty = "network.firewalls"
why = """\
A rule that lets the whole internet reach the warehouse's port, over IPv4 or IPv6, leaves a \
password as the only lock."""
fix = """
aws ec2 revoke-security-group-ingress --group-id GROUP --security-group-rule-ids RULE
"""
[controls]
aws-fsbp = ["Redshift.15"]
nist-800-53-r5 = ["SC-7", "AC-4"]
*/
with reach as (
  select
    g.arn,
    max(case when r.internet_wide then 1 else 0 end) as open_rules,
    max(case when r.internet_wide is null and r.group_id is not null then 1 else 0 end)
      as unsure_rules,
    min(case when r.internet_wide then r.group_id || ' from ' || r.cidr end) as example
  from redshift_cluster_security_group g
  join redshift_cluster c on c.arn = g.arn
  left join security_group_reach r
    on r.group_id = g.group_id
    and r.account_id = g.account_id
    and r.region = g.region
    and r.direction = 'ingress'
    and r.protocol in ('-1', 'tcp')
    and (c.port is null or c.port between r.from_port and r.to_port)
  group by g.arn
)
select
  c.arn as resource,
  case
    when r.open_rules = 1 and c.port is not null then false
    when r.open_rules = 1 or r.unsure_rules = 1 then null
    else true
  end as ok,
  case
    when r.open_rules = 1
      then 'port ' || cast(c.port as varchar) || ' is open to the internet through ' || r.example
    else 'no rule of its security groups lets the internet reach its port'
  end as reason
from redshift_cluster c
left join reach r on r.arn = c.arn
