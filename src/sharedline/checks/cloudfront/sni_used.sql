/*
title = "CloudFront distributions serve HTTPS by name (SNI)"
severity = "low"
duty = "configuration.baseline"
why = "Dedicated addresses cost much and serve only clients too old for current TLS."
fix = """
aws cloudfront get-distribution-config --id DISTRIBUTION_ID > config.json
# Set "SSLSupportMethod": "sni-only" in "ViewerCertificate".
aws cloudfront update-distribution --id DISTRIBUTION_ID --if-match ETAG --distribution-config file://config.json
"""
[controls]
aws-fsbp = ["CloudFront.8"]
nist-800-53-r5 = ["CM-2"]
*/
select
  x.arn as resource,
  not x.cloud_front_default_certificate and x.ssl_support_method = 'sni-only' as ok,
  case when x.cloud_front_default_certificate then 'it uses the default certificate of CloudFront' else 'it serves HTTPS by ' || x.ssl_support_method end as reason
from cloudfront_distribution x
