/*
title = "AWS Config delivers what it records"
severity = "medium"
duty = "configuration.change-tracking"
why = "A recorder without a working channel keeps its history only inside AWS Config, where whoever stops it can also end it."
fix = """
aws configservice describe-delivery-channel-status   # lastErrorCode says what the bucket refuses
aws configservice put-delivery-channel --delivery-channel name=default,s3BucketName=BUCKET
"""
[controls]
nist-800-53-r5 = ["CM-3", "AU-5"]
*/
select
  r.arn as resource,
  case
    when c.arn is null then false
    else lower(c.history_last_status) <> 'failure'
      and lower(c.snapshot_last_status) <> 'failure'
      and lower(c.stream_last_status) <> 'failure'
  end as ok,
  case
    when c.arn is null then 'the Region has no delivery channel'
    when lower(c.history_last_status) = 'failure'
      then 'the history does not arrive in ' || c.s3_bucket_name || ': ' || c.history_last_error_code
    when lower(c.snapshot_last_status) = 'failure' then 'snapshots do not arrive in ' || c.s3_bucket_name
    when lower(c.stream_last_status) = 'failure' then 'notifications are not delivered'
    when lower(c.history_last_status) <> 'failure' then 'delivered to ' || c.s3_bucket_name
  end as reason
from config_configuration_recorder r
left join config_delivery_channel c on c.account_id = r.account_id and c.region = r.region
