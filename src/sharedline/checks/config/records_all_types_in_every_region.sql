/*
title = "AWS Config records all resource types in every Region"
severity = "medium"
duty = "configuration.change-tracking"
why = "What is not recorded cannot be compared with yesterday: nobody can say when a setting changed, or what it was."
fix = """
aws configservice put-configuration-recorder --configuration-recorder \\
  name=default,roleARN=arn:aws:iam::ACCOUNT:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig \\
  --recording-group allSupported=true,includeGlobalResourceTypes=true
aws configservice put-delivery-channel --delivery-channel name=default,s3BucketName=BUCKET
aws configservice start-configuration-recorder --configuration-recorder-name default
"""
[controls]
"cis-aws-7.0.0" = ["4.3"]
nist-800-53-r5 = ["CM-3", "CM-8"]
*/
with iam_types as (
  select
    r.account_id,
    max(case when r.recording and r.include_global_resource_types then 1 else 0 end) as sure,
    max(case when (r.recording and r.include_global_resource_types) is null then 1 else 0 end)
      as unsure
  from config_configuration_recorder r
  group by r.account_id
)
select
  a.arn as resource,
  case
    when r.arn is null then false
    else r.recording
      and r.all_supported
      and lower(r.last_status) <> 'failure'
      and (case when g.sure = 1 then true when g.unsure = 1 then null else false end)
  end as ok,
  case
    when r.arn is null then 'no recorder in ' || a.region
    when not r.recording then 'the recorder is stopped'
    when not r.all_supported then 'the recorder leaves resource types out'
    when lower(r.last_status) = 'failure' then 'the recorder fails: ' || r.last_error_code
    when g.sure = 0 and g.unsure = 0 then 'no Region records IAM users, roles and policies'
    when r.recording and g.sure = 1 then 'all resource types are recorded'
  end as reason
from account_region a
left join config_configuration_recorder r on r.account_id = a.account_id and r.region = a.region
left join iam_types g on g.account_id = a.account_id
