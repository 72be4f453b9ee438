/*
title = "Findings of external access are resolved or archived in time"
severity = "medium"
duty = "identity.access-review"
why = "Each active finding is access from outside that nobody has said yes or no to."
fix = """
aws accessanalyzer list-findings-v2 --analyzer-arn ARN --filter '{"status":{"eq":["ACTIVE"]}}'
aws accessanalyzer update-findings --analyzer-arn ARN --status ARCHIVED --ids ID    # if meant
"""
[controls]
nist-800-53-r5 = ["CA-7", "AC-6(7)"]
[params]
max_days = 30
*/
select
  a.arn as resource,
  case when f.late = 1 then false when f.unsure = 1 then null else true end as ok,
  case
    when f.late = 1 then f.lates || ' findings are active for more than ' || $max_days || ' days'
    when f.unsure = 1 then 'the age of a finding is not known'
    else 'no finding is older than ' || $max_days || ' days'
  end as reason
from accessanalyzer_analyzer a
left join (
  select
    x.analyzer_arn,
    sum(case when x.created_at < scan.as_of - interval '1' day * $max_days then 1 else 0 end) as lates,
    max(case when x.created_at < scan.as_of - interval '1' day * $max_days then 1 else 0 end) as late,
    max(case when x.created_at is null then 1 else 0 end) as unsure
  from accessanalyzer_finding x
  where x.finding_type = 'ExternalAccess' or x.finding_type is null
  group by x.analyzer_arn
) f on f.analyzer_arn = a.arn
where a.type in ('ACCOUNT', 'ORGANIZATION')
