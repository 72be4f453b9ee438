/*
title = "Serious findings of Security Hub are handled in time"
severity = "high"
duty = "response.remediation"
why = "A finding that stays NEW was looked at by nobody; the longer it stays, the longer the gap is open."
fix = """
aws securityhub get-findings --filters \\
  '{"WorkflowStatus": [{"Value": "NEW", "Comparison": "EQUALS"}]}'   # look, fix the cause, then:
aws securityhub batch-update-findings --finding-identifiers Id=ID,ProductArn=ARN \\
  --workflow Status=RESOLVED
"""
[controls]
nist-800-53-r5 = ["IR-4", "CA-5", "SI-2"]
[params]
max_days_critical = 3
max_days_high = 14
*/
with overdue as (
  select
    f.account_id,
    f.region,
    f.severity_label,
    f.created_at,
    f.workflow_status = 'NEW' and case
      when f.severity_label = 'CRITICAL'
        then f.created_at < scan.as_of - interval '1' day * $max_days_critical
      when f.severity_label = 'HIGH'
        then f.created_at < scan.as_of - interval '1' day * $max_days_high
    end as late
  from securityhub_finding f
),
counted as (
  select
    o.account_id,
    o.region,
    sum(case when o.late then 1 else 0 end) as late,
    sum(case when o.late and o.severity_label = 'CRITICAL' then 1 else 0 end) as critical,
    sum(case when o.late is null then 1 else 0 end) as unsure,
    min(case when o.late then o.created_at end) as oldest
  from overdue o
  group by o.account_id, o.region
)
select
  h.arn as resource,
  case
    when c.region is null then true
    when c.late > 0 then false
    when c.unsure > 0 then null
    else true
  end as ok,
  case
    when c.late > 0
      then cast(c.late as varchar) || ' past their limit (' || cast(c.critical as varchar)
        || ' critical), the oldest of ' || substr(cast(c.oldest as varchar), 1, 10)
    when c.region is null then 'no serious finding is open'
    when c.unsure = 0 then 'serious findings are younger than their limits, or in work'
  end as reason
from securityhub_hub h
left join counted c on c.account_id = h.account_id and c.region = h.region
