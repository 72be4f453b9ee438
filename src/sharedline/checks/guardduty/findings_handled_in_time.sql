/*
title = "Findings of GuardDuty are handled in time"
severity = "high"
duty = "response.remediation"
why = "A finding that nobody archives or fixes is an alarm bell ringing in an empty house."
fix = """
aws guardduty list-findings --detector-id ID --finding-criteria \\
  '{"Criterion": {"service.archived": {"Eq": ["false"]}}}'   # look, fix the cause, then:
aws guardduty archive-findings --detector-id ID --finding-ids FINDING_ID
"""
[controls]
nist-800-53-r5 = ["IR-4", "SI-4(5)"]
[params]
max_days_critical = 1
max_days_high = 1
max_days_medium = 7
max_days_low = 30
*/
with overdue as (
  select
    f.account_id,
    f.region,
    f.severity,
    f.type,
    f.created_at,
    case
      when f.severity >= 9 then f.created_at < scan.as_of - interval '1' day * $max_days_critical
      when f.severity >= 7 then f.created_at < scan.as_of - interval '1' day * $max_days_high
      when f.severity >= 4 then f.created_at < scan.as_of - interval '1' day * $max_days_medium
      when f.severity >= 0 then f.created_at < scan.as_of - interval '1' day * $max_days_low
    end as late
  from guardduty_finding f
  where f.archived is null or not f.archived
),
counted as (
  select
    o.account_id,
    o.region,
    sum(case when o.late then 1 else 0 end) as late,
    sum(case when o.late is null then 1 else 0 end) as unsure,
    max(case when o.late then o.severity end) as worst,
    min(case when o.late then o.created_at end) as oldest
  from overdue o
  group by o.account_id, o.region
)
select
  d.arn as resource,
  case
    when c.region is null then true
    when c.late > 0 then false
    when c.unsure > 0 then null
    else true
  end as ok,
  case
    when c.late > 0
      then cast(c.late as varchar) || ' past their limit, the oldest of '
        || substr(cast(c.oldest as varchar), 1, 10) || ', the worst of severity '
        || cast(c.worst as varchar)
    when c.region is null then 'no open finding'
    when c.unsure = 0 then 'open findings are younger than their limits'
  end as reason
from guardduty_detector d
left join counted c on c.account_id = d.account_id and c.region = d.region
