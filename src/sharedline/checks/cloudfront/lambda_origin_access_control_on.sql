/*
title = "CloudFront calls Lambda URLs through origin access control"
severity = "medium"
duty = "data.exposure"
why = "Without it the function's URL answers everybody, and the firewall in front can be walked around."
fix = """
aws cloudfront get-distribution-config --id DISTRIBUTION_ID > config.json
# Set "OriginAccessControlId" of each Lambda URL origin, and the URL to AuthType AWS_IAM.
aws cloudfront update-distribution --id DISTRIBUTION_ID --if-match ETAG --distribution-config file://config.json
"""
[controls]
aws-fsbp = ["CloudFront.16"]
nist-800-53-r5 = ["AC-3"]
*/
with origins as (
  select
    arn,
    max(case when domain_name like '%.lambda-url.%.on.aws' then 1 else 0 end) as applies,
    max(case when domain_name like '%.lambda-url.%.on.aws' and (origin_access_control_id = '') then 1 else 0 end) as is_bad,
    max(case when domain_name like '%.lambda-url.%.on.aws' and (origin_access_control_id = '') is null then 1 else 0 end) as is_unclear
  from cloudfront_origin
  group by arn
)
select
  d.arn as resource,
  case when o.is_bad = 1 then false when o.is_unclear = 1 then null when o.is_bad = 0 then true end as ok,
  case when o.is_bad = 1 then 'a Lambda URL origin has no origin access control' else 'every Lambda URL origin has origin access control' end as reason
from cloudfront_distribution d
left join origins o on o.arn = d.arn
where o.applies = 1
