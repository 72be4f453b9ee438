/*
title = "CloudFront distributions use a recommended TLS policy"
severity = "medium"
duty = "data.encryption-in-transit"
why = "An old minimum lets viewers be talked down to protocol versions that are broken."
fix = """
aws cloudfront get-distribution-config --id DISTRIBUTION_ID > config.json
# Set "MinimumProtocolVersion" of "ViewerCertificate" to "TLSv1.2_2021" or newer.
aws cloudfront update-distribution --id DISTRIBUTION_ID --if-match ETAG --distribution-config file://config.json
"""
[controls]
aws-fsbp = ["CloudFront.15"]
nist-800-53-r5 = ["SC-8", "SC-8(1)", "SC-13", "SC-23"]
*/
select
  x.arn as resource,
  x.minimum_protocol_version in ('TLSv1.2_2021', 'TLSv1.2_2025', 'TLSv1.3_2025') as ok,
  'its minimum is ' || x.minimum_protocol_version as reason
from cloudfront_distribution x
where not x.cloud_front_default_certificate and x.ssl_support_method <> 'vip'
