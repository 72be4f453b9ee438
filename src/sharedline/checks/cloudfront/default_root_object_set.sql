/*
title = "CloudFront distributions with S3 origins have a default root object"
severity = "high"
duty = "data.exposure"
why = "Without one, a request for the root may list what the bucket holds."
fix = """
aws cloudfront get-distribution-config --id DISTRIBUTION_ID > config.json
# Set "DefaultRootObject" to "index.html".
aws cloudfront update-distribution --id DISTRIBUTION_ID --if-match ETAG --distribution-config file://config.json
"""
[controls]
aws-fsbp = ["CloudFront.1"]
nist-800-53-r5 = ["SC-7(11)", "SC-7(16)"]
*/
with origins as (
  select arn, max(case when is_s3_origin then 1 else 0 end) as has_s3
  from cloudfront_origin
  group by arn
)
select
  d.arn as resource,
  d.default_root_object <> '' as ok,
  case
    when d.default_root_object <> '' then 'its root object is ' || d.default_root_object
    else 'it has no default root object'
  end as reason
from cloudfront_distribution d
left join origins o on o.arn = d.arn
where o.has_s3 = 1
