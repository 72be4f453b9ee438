/*
title = "Security groups keep database ports closed to the internet"
severity = "high"
duty = "network.firewalls"
why = "A database that everybody reaches is one weak password or one flaw away from being copied or held to ransom."
fix = """
# Find the rule, take it away, and let in only the addresses that need it (or use Session Manager):
aws ec2 describe-security-group-rules --filters Name=group-id,Values=GROUP_ID
aws ec2 revoke-security-group-ingress --group-id GROUP_ID --security-group-rule-ids RULE_ID
"""
[controls]
nist-800-53-r5 = ["SC-7", "AC-4", "SC-7(5)", "SC-7(11)"]
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
      (1433), (1521), (3306), (5432), (5439), (6379), (7687), (8182), (9042), (9200),
      (11211), (27017)
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
