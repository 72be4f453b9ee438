/*
title = "Security groups keep RDP closed to the internet"
severity = "high"
duty = "network.firewalls"
why = "Remote desktops that everybody reaches are a common first step of ransomware."
fix = """
# Find the rule, take it away, and let in only the addresses that need it (or use Session Manager):
aws ec2 describe-security-group-rules --filters Name=group-id,Values=GROUP_ID
aws ec2 revoke-security-group-ingress --group-id GROUP_ID --security-group-rule-ids RULE_ID
"""
[controls]
aws-security-hub = ["EC2.14"]
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
    and protocol in ('tcp', '-1')
    and from_port <= 3389 and to_port >= 3389
  group by arn
)
select
  g.arn as resource,
  case when o.is_open = 1 then false when o.is_unclear = 1 then null else true end as ok,
  case
    when o.is_open = 1 then 'RDP (port 3389) is open to ' || o.from_where
    when o.is_unclear = 1 then 'a rule uses a prefix list that is not readable'
    else 'RDP (port 3389) is closed to the internet'
  end as reason
from ec2_security_group g
left join opened o on o.arn = g.arn
