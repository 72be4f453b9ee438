/*
title = "CloudFront distributions are behind a web application firewall"
severity = "medium"
duty = "application.edge-protection"
why = "Without a web ACL every probe for known flaws reaches the origin."
fix = """
aws cloudfront get-distribution-config --id DISTRIBUTION_ID > config.json
# Set "WebACLId" to the ARN of a web ACL of scope CLOUDFRONT.
aws cloudfront update-distribution --id DISTRIBUTION_ID --if-match ETAG --distribution-config file://config.json
"""
[controls]
aws-fsbp = ["CloudFront.6"]
nist-800-53-r5 = ["SC-7", "AC-4(21)"]
*/
select
  x.arn as resource,
  x.web_acl_id <> '' as ok,
  case when x.web_acl_id <> '' then 'a web ACL is attached' else 'no web ACL is attached' end as reason
from cloudfront_distribution x
