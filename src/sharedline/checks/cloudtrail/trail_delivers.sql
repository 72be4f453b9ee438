/*
title = "Trails are recording and deliver what they record"
severity = "high"
duty = "monitoring.audit-logging"
why = "A trail that was stopped, or whose bucket refuses it, looks configured and records nothing."
fix = """
aws cloudtrail start-logging --name NAME
aws cloudtrail get-trail-status --name NAME   # LatestDeliveryError says what the bucket refuses
"""
[controls]
nist-800-53-r5 = ["AU-5", "AU-12"]
[params]
max_hours = 24
*/
select
  t.arn as resource,
  case
    when t.is_logging is null then null
    when not t.is_logging then false
    when t.latest_delivery_error <> '' then false
    when t.latest_delivery_time is null then false
    when t.latest_delivery_time < scan.as_of - interval '1' hour * $max_hours then false
    when t.cloud_watch_logs_log_group_arn <> '' then t.latest_cloud_watch_logs_delivery_error = ''
    else true
  end as ok,
  case
    when not t.is_logging then 'the trail is stopped'
    when t.latest_delivery_error <> '' then 'delivery to S3 fails: ' || t.latest_delivery_error
    when t.is_logging and t.latest_delivery_time is null then 'nothing was ever delivered'
    when t.latest_delivery_time < scan.as_of - interval '1' hour * $max_hours
      then 'nothing was delivered since ' || strftime(t.latest_delivery_time, '%Y-%m-%d %H:%M')
    when t.latest_cloud_watch_logs_delivery_error <> ''
      then 'delivery to CloudWatch Logs fails: ' || t.latest_cloud_watch_logs_delivery_error
    when t.is_logging then 'last delivery ' || strftime(t.latest_delivery_time, '%Y-%m-%d %H:%M')
  end as reason
from cloudtrail_trail t
