/*
title = "Lightsail instances do not open SSH, RDP or databases to everybody"
severity = "high"
duty = "network.firewalls"
why = "A new Lightsail instance opens SSH to the whole internet; passwords and keys are tried on it within minutes."
fix = """
aws lightsail put-instance-public-ports --instance-name NAME --port-infos \\
  fromPort=22,toPort=22,protocol=tcp,cidrs=203.0.113.0/24 fromPort=443,toPort=443,protocol=tcp
# Ports that are not in the list are closed.
"""
[controls]
nist-800-53-r5 = ["SC-7", "AC-17"]
*/
with ports as (
  select
    p.arn,
    min(case
      when (p.protocol = 'all'
          or (p.protocol = 'tcp' and (
            (p.from_port <= 22 and p.to_port >= 22)
            or (p.from_port <= 3389 and p.to_port >= 3389)
            or (p.from_port <= 3306 and p.to_port >= 3306)
            or (p.from_port <= 5432 and p.to_port >= 5432)
            or (p.from_port <= 27017 and p.to_port >= 27017)
            or (p.from_port <= 6379 and p.to_port >= 6379)
          )))
        and (array_contains(p.cidrs, '0.0.0.0/0') or array_contains(p.ipv6_cidrs, '::/0'))
        then p.from_port
    end) as open_port,
    sum(case when p.from_port is null or p.to_port is null or p.protocol is null
      then 1 else 0 end) as unread
  from lightsail_instance_port p
  group by p.arn
)
select
  i.arn as resource,
  case
    when p.open_port is not null then false
    when p.arn is null or p.unread = 0 then true
  end as ok,
  case
    when p.open_port is not null
      then 'everybody reaches it from port ' || p.open_port || ' of its firewall'
    else 'no administration or database port is open to everybody'
  end as reason
from lightsail_instance i
left join ports p on p.arn = i.arn
