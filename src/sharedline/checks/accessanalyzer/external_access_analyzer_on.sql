/*
title = "An analyzer of external access works in every Region"
severity = "high"
duty = "identity.access-review"
why = "Access Analyzer says which buckets, roles, keys and queues people outside can reach; it sees only the Region it runs in."
fix = """
aws accessanalyzer create-analyzer --type ACCOUNT --analyzer-name external --region REGION
"""
[controls]
"cis-aws-7.0.0" = ["2.18"]
nist-800-53-r5 = ["AC-3", "AC-6(7)", "CA-7"]
*/
select
  r.arn as resource,
  case when x.works = 1 then true when x.unsure = 1 then null else false end as ok,
  case
    when x.works = 1 then 'an analyzer of external access is active'
    when x.unsure = 1 then 'the state of an analyzer is not known'
    else 'no active analyzer of external access in ' || r.region
  end as reason
from account_region r
left join (
  select
    a.account_id,
    a.region,
    max(case when a.type in ('ACCOUNT', 'ORGANIZATION') and a.status = 'ACTIVE'
      then 1 else 0 end) as works,
    max(case when a.type in ('ACCOUNT', 'ORGANIZATION') and a.status = 'ACTIVE'
      then 0 when a.type is null or a.status is null then 1 else 0 end) as unsure
  from accessanalyzer_analyzer a
  group by a.account_id, a.region
) x on x.account_id = r.account_id and x.region = r.region
