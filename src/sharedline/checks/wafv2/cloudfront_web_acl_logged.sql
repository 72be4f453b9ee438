/*
title = "CloudFront web ACLs are logged"
severity = "low"
duty = "monitoring.audit-logging"
why = "Without logs nobody sees what was stopped, what got through, or a rule that stops customers."
fix = """
aws wafv2 put-logging-configuration --logging-configuration \
  ResourceArn=WEB_ACL_ARN,LogDestinationConfigs=arn:aws:s3:::aws-waf-logs-BUCKET
"""
[controls]
aws-security-hub = ["WAF.11"]
nist-800-53-r5 = ["AU-2", "AU-3", "AU-12"]
*/
select
  x.arn as resource,
  x.logging_enabled as ok,
  case when x.logging_enabled then 'its traffic is logged' else 'its traffic is not logged' end as reason
from wafv2_cloudfront_web_acl x
