/*
title = "People read what CloudTrail recorded"
severity = "high"
duty = "monitoring.log-review"
why = "A trail that nobody reads does not stop an intruder; it only tells the story afterwards."
fix = """
sharedline trail review   # who looked at which logs, by the trail itself
# agree who reads them, and how often; where people read them elsewhere (a SIEM), state it:
sharedline attest monitoring.log-review "..." --scope ACCOUNT_ID --evidence URL --by NAME
"""
[controls]
nist-800-53-r5 = ["AU-6", "AU-6(1)"]
*/
with places as (
  select
    r.account_id,
    max(case when r.looked then 1 else 0 end) as seen,
    max(case when r.looked is null then 1 else 0 end) as unsure,
    min(case when r.looked then r.reason end) as who,
    min(case when r.looked is null then r.name || ': ' || r.reason end) as why
  from log_review r
  where r.source in ('trail-bucket', 'log-group', 'event-data-store', 'event-history')
  group by r.account_id
),
stated as (
  select a.account_id, max(t.at) as at
  from account a
  inner join attestation t
    on t.duty = 'monitoring.log-review' and t.expires > scan.as_of
    and t.at >= scan.as_of - interval '30' day
    and (t.scope = '*' or t.scope = a.account_id or t.scope = a.arn)
  group by a.account_id
)
select
  a.arn as resource,
  case
    when p.seen = 1 then true
    when p.unsure = 1 and s.account_id is not null then true
    when p.unsure = 0 then false
  end as ok,
  case
    when p.seen = 1 then p.who
    when p.unsure = 1 and s.account_id is not null
      then 'attested on ' || substr(cast(s.at as varchar), 1, 10) || '; by the trail, ' || p.why
    when p.unsure = 1 then p.why
    when p.unsure = 0 and s.account_id is not null
      then 'nobody read it by the trail, though it is attested on '
        || substr(cast(s.at as varchar), 1, 10)
    when p.unsure = 0 then 'nobody read it within 30 days'
  end as reason
from account a
left join places p on p.account_id = a.account_id
left join stated s on s.account_id = a.account_id
