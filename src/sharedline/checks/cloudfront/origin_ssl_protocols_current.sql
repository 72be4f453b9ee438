/*
title = "CloudFront speaks no broken SSL version to origins"
severity = "medium"
duty = "data.encryption-in-transit"
why = "SSL 3.0 is broken; an origin that still accepts it gives away what it is sent."
fix = """
aws cloudfront get-distribution-config --id DISTRIBUTION_ID > config.json
# Take "SSLv3" out of "OriginSslProtocols" of each custom origin (leave TLSv1.2).
aws cloudfront update-distribution --id DISTRIBUTION_ID --if-match ETAG --distribution-config file://config.json
"""
[controls]
aws-fsbp = ["CloudFront.10"]
nist-800-53-r5 = ["SC-8", "SC-8(1)", "SC-13", "SC-23"]
*/
with origins as (
  select
    arn,
    max(case when is_custom_origin then 1 else 0 end) as applies,
    max(case when is_custom_origin and (array_contains(origin_ssl_protocols, 'SSLv3')) then 1 else 0 end) as is_bad,
    max(case when is_custom_origin and (array_contains(origin_ssl_protocols, 'SSLv3')) is null then 1 else 0 end) as is_unclear
  from cloudfront_origin
  group by arn
)
select
  d.arn as resource,
  case when o.is_bad = 1 then false when o.is_unclear = 1 then null when o.is_bad = 0 then true end as ok,
  case when o.is_bad = 1 then 'an origin is spoken to with SSL 3.0' else 'no origin is spoken to with SSL 3.0' end as reason
from cloudfront_distribution d
left join origins o on o.arn = d.arn
