/*
title = "Security groups keep high-risk ports closed to the internet"
severity = "critical"
duty = "network.firewalls"
why = "These ports carry administration, mail, file sharing, databases and development servers: services meant for few, attacked by many."
fix = """
# Find the rule, take it away, and let in only the addresses that need it (or use Session Manager):
aws ec2 describe-security-group-rules --filters Name=group-id,Values=GROUP_ID
aws ec2 revoke-security-group-ingress --group-id GROUP_ID --security-group-rule-ids RULE_ID
"""
[controls]
aws-fsbp = ["EC2.19"]
nist-800-53-r5 = ["SC-7", "AC-4", "CM-7", "SC-7(5)"]
*/
with opened as (
  select
    s.arn,
    max(case when s.internet_wide then 1 else 0 end) as is_open,
    max(case when s.internet_wide is null then 1 else 0 end) as is_unclear,
    min(case when s.internet_wide then p.port end) as port,
    min(case when s.internet_wide then s.cidr end) as from_where
  from security_group_reach s
  join (
    values
      (20), (21), (22), (23), (25), (110), (135), (143), (445), (1433), (1434),
      (3000), (3306), (3389), (4333), (5000), (5432), (5500), (5601),
      (8080), (8088), (8888), (9200), (9300)
  ) as p(port)
    on p.port between s.from_port and s.to_port
  where s.direction = 'ingress' and s.protocol in ('tcp', '-1')
  group by s.arn
)
select
  g.arn as resource,
  case when o.is_open = 1 then false when o.is_unclear = 1 then null else true end as ok,
  case
    when o.is_open = 1 then 'port ' || cast(o.port as varchar) || ' is open to ' || o.from_where
    when o.is_unclear = 1 then 'a rule uses a prefix list that is not readable'
    else 'none of the ports is open to the internet'
  end as reason
from ec2_security_group g
left join opened o on o.arn = g.arn
