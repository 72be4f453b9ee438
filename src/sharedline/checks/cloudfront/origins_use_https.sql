/*
title = "CloudFront speaks HTTPS to custom origins"
severity = "medium"
duty = "data.encryption-in-transit"
why = "Viewers see a lock while the request goes on to the origin in plain text."
fix = """
aws cloudfront get-distribution-config --id DISTRIBUTION_ID > config.json
# Set "OriginProtocolPolicy" of each custom origin to "https-only".
aws cloudfront update-distribution --id DISTRIBUTION_ID --if-match ETAG --distribution-config file://config.json
"""
[controls]
aws-fsbp = ["CloudFront.9"]
nist-800-53-r5 = ["SC-8", "SC-8(1)", "SC-13", "SC-23"]
*/
with origins as (
  select
    arn,
    max(case when is_custom_origin and origin_protocol_policy = 'http-only' then 1 else 0 end)
      as is_plain,
    max(case when is_custom_origin and origin_protocol_policy = 'match-viewer' then 1 else 0 end)
      as matches_viewer,
    max(
      case
        when is_custom_origin is null then 1
        when is_custom_origin and origin_protocol_policy is null then 1
        else 0
      end
    ) as is_unclear
  from cloudfront_origin
  group by arn
)
select
  d.arn as resource,
  case
    when o.is_plain = 1 then false
    when o.matches_viewer = 1 and array_contains(d.viewer_protocol_policies, 'allow-all') then false
    when o.matches_viewer = 1 and d.viewer_protocol_policies is null then null
    when o.is_unclear = 0 then true
  end as ok,
  case
    when o.is_plain = 1 then 'an origin is spoken to in plain HTTP'
    when o.matches_viewer = 1 and array_contains(d.viewer_protocol_policies, 'allow-all')
      then 'an origin is spoken to as viewers do, and they may use plain HTTP'
    else 'origins are spoken to in HTTPS'
  end as reason
from cloudfront_distribution d
left join origins o on o.arn = d.arn
