/*
title = "CloudFront reads S3 origins through origin access control"
severity = "medium"
duty = "data.exposure"
why = "Without it the bucket must let others than this distribution read, and the firewall in front can be walked around."
fix = """
aws cloudfront get-distribution-config --id DISTRIBUTION_ID > config.json
# Set "OriginAccessControlId" of each S3 origin, and limit the bucket policy to the distribution.
aws cloudfront update-distribution --id DISTRIBUTION_ID --if-match ETAG --distribution-config file://config.json
"""
[controls]
aws-fsbp = ["CloudFront.13"]
nist-800-53-r5 = ["AC-3", "SC-7"]
*/
with origins as (
  select
    arn,
    max(case when is_s3_origin then 1 else 0 end) as applies,
    max(case when is_s3_origin and (origin_access_control_id = '') then 1 else 0 end) as is_bad,
    max(case when is_s3_origin and (origin_access_control_id = '') is null then 1 else 0 end) as is_unclear
  from cloudfront_origin
  group by arn
)
select
  d.arn as resource,
  case when o.is_bad = 1 then false when o.is_unclear = 1 then null when o.is_bad = 0 then true end as ok,
  case when o.is_bad = 1 then 'an S3 origin has no origin access control' else 'every S3 origin has origin access control' end as reason
from cloudfront_distribution d
left join origins o on o.arn = d.arn
where o.applies = 1
