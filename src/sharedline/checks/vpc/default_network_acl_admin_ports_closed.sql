/*
title = "Default network access lists keep administration ports closed to the internet"
severity = "medium"
duty = "network.firewalls"
why = "A subnet without a list of its own uses the default one, which lets everything through until somebody changes it."
fix = """
aws ec2 create-network-acl-entry --network-acl-id ACL_ID --ingress --rule-number 90 \
  --protocol tcp --port-range From=22,To=22 --cidr-block 0.0.0.0/0 --rule-action deny
# Likewise for port 3389, and for ::/0 with --ipv6-cidr-block. Deny before the first "allow".
"""
[controls]
"cis-aws-7.0.0" = ["6.2"]
nist-800-53-r5 = ["SC-7", "CM-7", "SC-7(5)"]
*/
with decided as (
  select
    e.arn,
    p.port,
    e.ip_version,
    min(
      case when e.rule_action = 'allow' and e.is_internet_wide then e.rule_number end
    ) as allowed,
    min(
      case when e.rule_action = 'deny' and e.is_whole_internet then e.rule_number end
    ) as denied,
    max(case when e.is_internet_wide is null then 1 else 0 end) as is_unclear
  from ec2_network_acl_entry e
  join (values (22), (3389)) as p(port) on p.port between e.from_port and e.to_port
  where not e.egress and e.protocol in ('6', '17', '-1')
  group by e.arn, p.port, e.ip_version
),
opened as (
  select
    arn,
    max(
      case when allowed is null then 0 when denied is null or allowed < denied then 1 else 0 end
    ) as is_open,
    max(is_unclear) as is_unclear,
    min(case when allowed is not null and (denied is null or allowed < denied) then port end) as port
  from decided
  group by arn
)
select
  a.arn as resource,
  case when o.is_open = 1 then false when o.is_unclear = 1 then null else true end as ok,
  case
    when o.is_open = 1 then 'port ' || cast(o.port as varchar) || ' is open to the internet'
    else 'ports 22 and 3389 are closed to the internet'
  end as reason
from ec2_network_acl a
left join opened o on o.arn = a.arn
where a.is_default
