/*
title = "Security groups keep administration ports closed to every IPv4 address"
severity = "high"
duty = "network.firewalls"
why = "Ports 22 and 3389 give control of the machine; open to every address they invite guessing, stolen keys and flaws of the service."
fix = """
# Find the rule, take it away, and let in only the addresses that need it (or use Session Manager):
aws ec2 describe-security-group-rules --filters Name=group-id,Values=GROUP_ID
aws ec2 revoke-security-group-ingress --group-id GROUP_ID --security-group-rule-ids RULE_ID
"""
[controls]
aws-security-hub = ["EC2.53"]
"cis-aws-7.0.0" = ["6.3"]
nist-800-53-r5 = ["SC-7", "AC-4", "AC-17", "CM-7", "SC-7(5)"]
*/
with opened as (
  select
    arn,
    max(case when internet_wide then 1 else 0 end) as is_open,
    max(case when internet_wide is null then 1 else 0 end) as is_unclear,
    min(case when internet_wide then cidr end) as from_where
  from security_group_reach
  where direction = 'ingress'
    and protocol in ('tcp', 'udp', '-1')
    and (ip_version = 4 or ip_version is null)
    and ((from_port <= 22 and to_port >= 22) or (from_port <= 3389 and to_port >= 3389))
  group by arn
)
select
  g.arn as resource,
  case when o.is_open = 1 then false when o.is_unclear = 1 then null else true end as ok,
  case
    when o.is_open = 1 then 'administration (port 22 or 3389) is open to ' || o.from_where
    when o.is_unclear = 1 then 'a rule uses a prefix list that is not readable'
    else 'administration (port 22 or 3389) is closed to the internet'
  end as reason
from ec2_security_group g
left join opened o on o.arn = g.arn
