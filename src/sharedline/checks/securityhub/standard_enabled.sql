/*
title = "Security Hub checks against a standard"
severity = "medium"
duty = "configuration.baseline"
why = "Without a standard Security Hub collects findings of others and checks nothing itself."
fix = """
aws securityhub batch-enable-standards --standards-subscription-requests \\
  StandardsArn=arn:aws:securityhub:REGION::standards/aws-foundational-security-best-practices/v/1.0.0
"""
[controls]
nist-800-53-r5 = ["CA-7", "CM-6"]
*/
with enabled as (
  select
    s.account_id,
    s.region,
    max(case when s.standards_status in ('READY', 'INCOMPLETE', 'PENDING') then 1 else 0 end) as sure,
    max(case when s.standards_status is null then 1 else 0 end) as unsure,
    count(*) as standards
  from securityhub_standard_subscription s
  group by s.account_id, s.region
)
select
  h.arn as resource,
  case
    when e.region is null then false
    when e.sure = 1 then true
    when e.unsure = 1 then null
    else false
  end as ok,
  case
    when e.region is null then 'no standard is on'
    when e.sure = 1 then cast(e.standards as varchar) || ' standards are on'
    when e.unsure = 0 then 'the standards are failing or being removed'
  end as reason
from securityhub_hub h
left join enabled e on e.account_id = h.account_id and e.region = h.region
