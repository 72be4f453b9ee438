/*
title = "CloudFront distributions have a certificate of their own"
severity = "low"
duty = "data.encryption-in-transit"
why = "With CloudFront's default certificate there is no name of yours, and no minimum TLS version can be set."
fix = """
aws cloudfront get-distribution-config --id DISTRIBUTION_ID > config.json
# Set "ACMCertificateArn" and "SSLSupportMethod": "sni-only" in "ViewerCertificate".
aws cloudfront update-distribution --id DISTRIBUTION_ID --if-match ETAG --distribution-config file://config.json
"""
[controls]
aws-fsbp = ["CloudFront.7"]
nist-800-53-r5 = ["SC-8", "SC-8(1)"]
*/
select
  x.arn as resource,
  not x.cloud_front_default_certificate as ok,
  case when x.cloud_front_default_certificate then 'it uses the default certificate of CloudFront' else 'it has its own certificate' end as reason
from cloudfront_distribution x
