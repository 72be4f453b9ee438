/*
title = "CloudFront distributions have a second origin"
severity = "low"
duty = "resilience.workload-design"
why = "When the only origin is down, so is everything that is not in the cache."
fix = """
aws cloudfront get-distribution-config --id DISTRIBUTION_ID > config.json
# Add an origin group with two origins under "OriginGroups" and use it as "TargetOriginId".
aws cloudfront update-distribution --id DISTRIBUTION_ID --if-match ETAG --distribution-config file://config.json
"""
[controls]
aws-fsbp = ["CloudFront.4"]
nist-800-53-r5 = ["CP-10", "SC-5(2)"]
*/
select
  x.arn as resource,
  x.origin_group_count > 0 as ok,
  case when x.origin_group_count > 0 then 'it has an origin group' else 'it has no origin group' end as reason
from cloudfront_distribution x
