/*
title = "People look at the findings of Security Hub"
severity = "medium"
duty = "monitoring.log-review"
why = "Findings that only machines fetch, or nobody, are found by the attacker's next step."
fix = """
sharedline trail review --who securityhub   # who looked, by the trail
# agree who looks, and how often; where people look elsewhere (a SIEM, tickets), state it:
sharedline attest monitoring.log-review "..." --scope ACCOUNT_ID --evidence URL --by NAME
"""
tolerates = ["cloudtrail_trail"]
[controls]
nist-800-53-r5 = ["AU-6", "SI-4", "CA-7"]
*/
with stated as (
  select d.arn, max(t.at) as at
  from securityhub_hub d
  inner join attestation t
    on t.duty = 'monitoring.log-review' and t.expires > scan.as_of
    and t.at >= scan.as_of - interval '30' day
    and (t.scope = '*' or t.scope = d.account_id or t.scope = d.arn or t.scope = 'securityhub')
  group by d.arn
)
select
  d.arn as resource,
  case when r.looked is null and s.arn is not null then true else r.looked end as ok,
  case
    when r.looked is null and s.arn is not null
      then 'attested on ' || substr(cast(s.at as varchar), 1, 10) || '; by the trail, ' || r.reason
    else r.reason
  end as reason
from securityhub_hub d
left join log_review r on r.arn = d.arn and r.account_id = d.account_id and r.source = 'securityhub'
left join stated s on s.arn = d.arn
