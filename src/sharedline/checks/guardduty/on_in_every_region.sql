/*
title = "GuardDuty is on in every Region"
severity = "high"
duty = "monitoring.threat-detection"
why = "Intruders like Regions that nobody uses: what runs there is seen by no one."
fix = """
aws guardduty create-detector --enable --region REGION
"""
[controls]
aws-fsbp = ["GuardDuty.1"]
nist-800-53-r5 = ["SI-4", "SI-4(2)", "SI-4(4)"]
*/
with detector as (
  select
    d.account_id,
    d.region,
    max(case when d.status = 'ENABLED' then 1 else 0 end) as sure,
    max(case when d.status is null then 1 else 0 end) as unsure
  from guardduty_detector d
  group by d.account_id, d.region
)
select
  a.arn as resource,
  case
    when d.region is null then false
    when d.sure = 1 then true
    when d.unsure = 1 then null
    else false
  end as ok,
  case
    when d.region is null then 'no detector in ' || a.region
    when d.sure = 1 then 'the detector is on'
    when d.unsure = 0 then 'the detector is suspended'
  end as reason
from account_region a
left join detector d on d.account_id = a.account_id and d.region = a.region
