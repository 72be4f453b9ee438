/*
title = "Security Hub is on in every Region"
severity = "medium"
duty = "monitoring.threat-detection"
why = "It gathers findings of many services in one form; where it is off, they stay scattered."
fix = """
aws securityhub enable-security-hub --enable-default-standards --region REGION
"""
[controls]
"cis-aws-7.0.0" = ["5.16"]
nist-800-53-r5 = ["SI-4", "CA-7"]
*/
select
  a.arn as resource,
  case when h.arn is null then false when h.subscribed_at is null then null else true end as ok,
  case
    when h.arn is null then 'Security Hub is off in ' || a.region
    when h.subscribed_at is not null then 'Security Hub is on'
  end as reason
from account_region a
left join securityhub_hub h on h.account_id = a.account_id and h.region = a.region
