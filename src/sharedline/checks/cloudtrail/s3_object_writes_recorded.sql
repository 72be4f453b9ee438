/*
title = "A multi-Region trail records writes of S3 objects"
severity = "medium"
duty = "monitoring.audit-logging"
why = "Management events do not show which object was written or deleted; after an incident nobody could say what was touched."
fix = """
aws cloudtrail put-event-selectors --trail-name NAME --event-selectors \\
  '[{"ReadWriteType": "All", "IncludeManagementEvents": true,
     "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}]'
"""
[controls]
"cis-aws-7.0.0" = ["4.8"]
nist-800-53-r5 = ["AU-2", "AU-12"]
*/
with complete as (
  select
    t.account_id,
    max(case when t.is_multi_region and t.is_logging and t.s3_write_events then 1 else 0 end) as sure,
    max(case
      when (t.is_multi_region and t.is_logging and t.s3_write_events) is null then 1
      else 0
    end) as unsure
  from trail_coverage t
  group by t.account_id
)
select
  a.arn as resource,
  case
    when c.account_id is null then false
    when c.sure = 1 then true
    when c.unsure = 1 then null
    else false
  end as ok,
  case
    when c.account_id is null then 'no trail records this account'
    when c.sure = 1 then 'a multi-Region trail records writes in every bucket'
    when c.unsure = 1 then 'the event selectors of a trail are not readable'
    else 'no multi-Region trail that is on records writes in every bucket'
  end as reason
from account a
left join complete c on c.account_id = a.account_id
