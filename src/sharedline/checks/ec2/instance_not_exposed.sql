/*
title = "The internet reaches instances on authorized ports only"
severity = "high"
duty = "network.firewalls"
why = "Address, security group, access list and route together let the internet in here, on a port that is not meant for it."
fix = """
# See what lets it in, and close the rule or move the machine to a private subnet:
sharedline query "select * from network_exposure where arn = 'INSTANCE_ARN'"
"""
[controls]
nist-800-53-r5 = ["SC-7", "AC-4", "SC-7(5)"]
[params]
authorized_tcp_ports = [80, 443]
*/
with exposed as (
  select
    arn,
    max(case when exposed then 1 else 0 end) as is_exposed,
    max(case when exposed is null then 1 else 0 end) as is_unclear,
    min(case when exposed then from_port end) as port,
    min(case when exposed then address end) as address
  from network_exposure
  where not (protocol = 'tcp' and from_port = to_port and from_port in $authorized_tcp_ports)
  group by arn
)
select
  i.arn as resource,
  case when e.is_exposed = 1 then false when e.is_unclear = 1 then null else true end as ok,
  case
    when e.is_exposed = 1
      then 'ports from ' || cast(e.port as varchar) || ' are reachable at ' || e.address
    when e.is_unclear = 1 then 'a part of the way from the internet is not readable'
    else 'no other port is reachable from the internet'
  end as reason
from ec2_instance i
left join exposed e on e.arn = i.arn
