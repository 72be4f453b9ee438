/*
title = "Security groups are in use"
severity = "low"
duty = "configuration.inventory-ownership"
why = "A group that nothing uses is forgotten, not reviewed, and one day attached to something by its name."
fix = """
aws ec2 delete-security-group --group-id GROUP_ID
"""
[controls]
aws-security-hub = ["EC2.22"]
nist-800-53-r5 = ["CM-8"]
*/
with used as (
  select
    g.arn,
    max(case when array_contains(i.security_group_ids, g.group_id) then 1 else 0 end) as is_used,
    max(case when i.security_group_ids is null then 1 else 0 end) as is_unclear
  from ec2_security_group g
  join ec2_network_interface i on i.account_id = g.account_id and i.region = g.region
  group by g.arn
)
select
  g.arn as resource,
  case when u.is_used = 1 then true when u.is_unclear = 1 then null else false end as ok,
  case when u.is_used = 1 then 'a network interface uses it' else 'nothing uses it' end as reason
from ec2_security_group g
left join used u on u.arn = g.arn
where g.group_name <> 'default'
