/*
title = "Macie is on where there are buckets"
severity = "medium"
duty = "data.classification"
why = "What a bucket holds decides how it must be protected; without looking, personal data lies where nobody expects it."
fix = """
aws macie2 enable-macie --region REGION
"""
[controls]
aws-fsbp = ["Macie.1"]
nist-800-53-r5 = ["RA-5", "SI-4"]
*/
with bucket_region as (
  -- A bucket whose Region S3 did not say (global) may lie in any of them.
  select a.account_id, a.region, count(*) as buckets
  from account_region a
  inner join s3_bucket b
    on b.account_id = a.account_id and (b.region = a.region or b.region = 'global')
  group by a.account_id, a.region
)
select
  a.arn as resource,
  case when m.arn is null then false else m.status = 'ENABLED' end as ok,
  case
    when m.arn is null
      then 'Macie is off, and there are ' || cast(b.buckets as varchar) || ' buckets'
    when m.status = 'ENABLED' then 'Macie is on'
    when m.status <> 'ENABLED' then 'Macie is ' || lower(m.status)
  end as reason
from account_region a
left join bucket_region b on b.account_id = a.account_id and b.region = a.region
left join macie2_session m on m.account_id = a.account_id and m.region = a.region
where b.buckets > 0
