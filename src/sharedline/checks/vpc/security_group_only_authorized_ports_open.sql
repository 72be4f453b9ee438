/*
title = "Security groups open only authorized ports to the internet"
severity = "high"
duty = "network.firewalls"
why = "Every port open to the internet is a service to defend; those that nobody meant to publish are defended by nobody."
fix = """
# Find the rule, take it away, and let in only the addresses that need it (or use Session Manager):
aws ec2 describe-security-group-rules --filters Name=group-id,Values=GROUP_ID
aws ec2 revoke-security-group-ingress --group-id GROUP_ID --security-group-rule-ids RULE_ID
"""
[controls]
aws-fsbp = ["EC2.18"]
nist-800-53-r5 = ["SC-7", "AC-4", "SC-7(5)"]
[params]
authorized_tcp_ports = [80, 443]
*/
with opened as (
  select
    arn,
    max(case when internet_wide then 1 else 0 end) as is_open,
    max(case when internet_wide is null then 1 else 0 end) as is_unclear,
    min(case when internet_wide then from_port end) as port
  from security_group_reach
  where direction = 'ingress'
    and protocol in ('tcp', 'udp', '-1')
    and not (protocol = 'tcp' and from_port = to_port and from_port in $authorized_tcp_ports)
  group by arn
)
select
  g.arn as resource,
  case when o.is_open = 1 then false when o.is_unclear = 1 then null else true end as ok,
  case
    when o.is_open = 1
      then 'ports from ' || cast(o.port as varchar) || ' are open to the internet'
    when o.is_unclear = 1 then 'a rule uses a prefix list that is not readable'
    else 'only authorized ports are open to the internet'
  end as reason
from ec2_security_group g
left join opened o on o.arn = g.arn
