/*
title = "CloudFront distributions keep access logs"
severity = "medium"
duty = "monitoring.audit-logging"
why = "Without access logs nobody can say afterwards who asked for what."
fix = """
aws cloudfront get-distribution-config --id DISTRIBUTION_ID > config.json
# Set "Logging": {"Enabled": true, "IncludeCookies": false, "Bucket": "BUCKET.s3.amazonaws.com", "Prefix": ""}.
aws cloudfront update-distribution --id DISTRIBUTION_ID --if-match ETAG --distribution-config file://config.json
"""
[controls]
aws-fsbp = ["CloudFront.5"]
"cis-aws-7.0.0" = ["4.10"]
nist-800-53-r5 = ["AU-2", "AU-3", "AU-12"]
*/
select
  x.arn as resource,
  x.logging_enabled as ok,
  case when x.logging_enabled then 'standard logging is on' else 'standard logging is off' end as reason
from cloudfront_distribution x
