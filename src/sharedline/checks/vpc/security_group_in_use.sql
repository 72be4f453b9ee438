/*
title = "Security groups are in use"
severity = "medium"
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
  select account_id, region, group_id
  from ec2_network_interface_security_group
  group by account_id, region, group_id
)
select
  g.arn as resource,
  case when g.group_name is null then null else u.group_id is not null end as ok,
  case
    when u.group_id is not null then 'a network interface uses it'
    else 'no network interface uses it'
  end as reason
from ec2_security_group g
left join used u
  on u.group_id = g.group_id and u.account_id = g.account_id and u.region = g.region
where g.group_name <> 'default' or g.group_name is null
