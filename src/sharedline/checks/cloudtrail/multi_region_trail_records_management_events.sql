/*
title = "A multi-Region trail records all management events of the account"
severity = "high"
duty = "monitoring.audit-logging"
why = "Without a trail over all Regions, what an intruder does in a Region that nobody uses leaves no record beyond 90 days."
fix = """
aws cloudtrail create-trail --name main --s3-bucket-name BUCKET --is-multi-region-trail \\
  --enable-log-file-validation
aws cloudtrail put-event-selectors --trail-name main --event-selectors \\
  '[{"ReadWriteType": "All", "IncludeManagementEvents": true}]'
aws cloudtrail start-logging --name main
"""
[controls]
aws-fsbp = ["CloudTrail.1"]
"cis-aws-7.0.0" = ["4.1"]
nist-800-53-r5 = ["AU-2", "AU-12"]
*/
with complete as (
  select
    t.account_id,
    max(case when t.is_multi_region and t.is_logging and t.management_events then 1 else 0 end)
      as sure,
    max(case
      when (t.is_multi_region and t.is_logging and t.management_events) is null then 1
      else 0
    end) as unsure
  from trail_coverage t
  group by t.account_id
)
select
  a.arn as resource,
  case
    when f.account_id is null then false
    when f.sure = 1 then true
    when f.unsure = 1 then null
    else false
  end as ok,
  case
    when f.account_id is null then 'no trail records this account'
    when f.sure = 1 then 'a multi-Region trail is recording all management events'
    when f.unsure = 1 then 'whether a trail is recording all management events is not readable'
    else 'no trail is multi-Region, recording, and takes all reads and writes'
  end as reason
from account a
left join complete f on f.account_id = a.account_id
