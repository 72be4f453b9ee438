/*
title = "Default security groups pass no traffic"
severity = "high"
duty = "network.firewalls"
why = "Whatever is launched without naming a group lands in the default one; with rules in it, such machines talk to each other and to the internet unnoticed."
fix = """
# The group cannot be deleted; take away all its rules (move what uses it to its own group first):
aws ec2 revoke-security-group-ingress --group-id GROUP_ID --security-group-rule-ids RULE_IDS
aws ec2 revoke-security-group-egress --group-id GROUP_ID --security-group-rule-ids RULE_IDS
"""
[controls]
aws-fsbp = ["EC2.2"]
"cis-aws-7.0.0" = ["6.5"]
nist-800-53-r5 = ["AC-4", "SC-7", "SC-7(5)"]
*/
with rules as (
  select
    arn,
    max(case when is_egress then 0 else 1 end) as has_ingress,
    count(*) as how_many
  from ec2_security_group_rule
  group by arn
)
select
  g.arn as resource,
  case when g.group_name is null then null else r.how_many is null end as ok,
  case
    when r.how_many is null then 'it has no rules'
    when r.has_ingress = 1 then 'it has inbound rules'
    else 'it has outbound rules'
  end as reason
from ec2_security_group g
left join rules r on r.arn = g.arn
where g.group_name = 'default' or g.group_name is null
