/*
title = "AWS Config is on, complete, and uses its service-linked role"
severity = "critical"
duty = "configuration.change-tracking"
why = "Another role may lack permissions for some services: their resources silently fall out of the record, and out of every rule over it."
fix = """
aws configservice put-configuration-recorder --configuration-recorder \\
  name=default,roleARN=arn:aws:iam::ACCOUNT:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig \\
  --recording-group allSupported=true,includeGlobalResourceTypes=true
aws configservice put-delivery-channel --delivery-channel name=default,s3BucketName=BUCKET
aws configservice start-configuration-recorder --configuration-recorder-name default
"""
tolerates = ["securityhub_finding_aggregator"]
[controls]
aws-fsbp = ["Config.1"]
nist-800-53-r5 = ["CM-3", "CM-6(1)", "CM-8", "CM-8(2)"]
*/
with aggregation as (
  select g.account_id, min(g.region) as home
  from securityhub_finding_aggregator g
  group by g.account_id
),
unread as (
  -- Only where Security Hub is on can another Region stand in for this one.
  select h.account_id, count(*) as hubs
  from securityhub_hub h
  inner join listing l
    on l.account_id = h.account_id
      and l.table_name = 'securityhub_finding_aggregator'
      and l.status in ('failed', 'partial')
  group by h.account_id
),
iam_types as (
  select
    r.arn,
    case
      when r.include_global_resource_types then true
      when g.home <> r.region then true
      when g.home is null and u.hubs > 0 then null
      else r.include_global_resource_types
    end as covered
  from config_configuration_recorder r
  left join aggregation g on g.account_id = r.account_id
  left join unread u on u.account_id = r.account_id
)
select
  a.arn as resource,
  case
    when r.arn is null then false
    else r.recording
      and r.all_supported
      and i.covered
      and r.role_arn like '%:role/aws-service-role/config.amazonaws.com/%'
  end as ok,
  case
    when r.arn is null then 'no recorder in ' || a.region
    when not r.recording then 'the recorder is stopped'
    when not r.all_supported then 'the recorder leaves resource types out'
    when not i.covered then 'IAM users, roles and policies are not recorded here'
    when r.role_arn not like '%:role/aws-service-role/config.amazonaws.com/%'
      then 'the recorder uses ' || r.role_arn
    when r.recording and i.covered then 'complete, with the service-linked role'
  end as reason
from account_region a
left join config_configuration_recorder r on r.account_id = a.account_id and r.region = a.region
left join iam_types i on i.arn = r.arn
