/*
title = "The provider's reports were reviewed within a year"
severity = "low"
duty = "compliance.reporting"
why = "AWS proves its side of the line in its reports; unread, they prove nothing to you."
fix = """
# do it, then state it with the evidence:
sharedline attest compliance.reporting --evidence URL --by NAME
"""
[controls]
nist-800-53-r5 = ["CA-2", "SA-9"]
[params]
max_days = 365
*/
with stated as (
  select
    a.account_id,
    sum(case
      when t.at >= scan.as_of - interval '1' day * $max_days and t.expires > scan.as_of then 1
      else 0
    end) as valid,
    sum(case when t.at is null or t.expires is null then 1 else 0 end) as undated,
    max(t.at) as latest
  from account a
  inner join attestation t
    on t.duty = 'compliance.reporting' and (t.scope = '*' or t.scope = a.account_id or t.scope = a.arn)
  group by a.account_id
)
select
  a.arn as resource,
  case
    when s.account_id is null then false
    when s.valid > 0 then true
    when s.undated > 0 then null
    else false
  end as ok,
  case
    when s.account_id is null then 'nobody attested a review of AWS''s reports'
    when s.valid > 0 then 'attested on ' || substr(cast(s.latest as varchar), 1, 10)
    when s.undated > 0 then 'an attestation has no date'
    else 'last attested on ' || substr(cast(s.latest as varchar), 1, 10)
  end as reason
from account a
left join stated s on s.account_id = a.account_id
