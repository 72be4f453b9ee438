/*
title = "CloudFront distributions require HTTPS of viewers"
severity = "medium"
duty = "data.encryption-in-transit"
why = "A behaviour that allows plain HTTP lets anybody on the way read and change what viewers get and send."
fix = """
aws cloudfront get-distribution-config --id DISTRIBUTION_ID > config.json
# Set "ViewerProtocolPolicy" of every behaviour to "redirect-to-https" or "https-only".
aws cloudfront update-distribution --id DISTRIBUTION_ID --if-match ETAG --distribution-config file://config.json
"""
[controls]
aws-fsbp = ["CloudFront.3"]
nist-800-53-r5 = ["SC-8", "SC-8(1)", "SC-13", "SC-23"]
*/
select
  x.arn as resource,
  not array_contains(x.viewer_protocol_policies, 'allow-all') as ok,
  case when array_contains(x.viewer_protocol_policies, 'allow-all') then 'a behaviour allows plain HTTP' else 'every behaviour requires HTTPS' end as reason
from cloudfront_distribution x
