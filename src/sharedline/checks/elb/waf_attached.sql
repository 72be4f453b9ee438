/*
title = "Application load balancers are behind a web application firewall"
severity = "medium"
duty = "application.edge-protection"
why = "Without a web ACL every probe for known flaws reaches the application."
fix = """
aws wafv2 associate-web-acl --web-acl-arn WEB_ACL_ARN --resource-arn LOAD_BALANCER_ARN
"""
[controls]
aws-security-hub = ["ELB.16"]
nist-800-53-r5 = ["SC-7", "AC-4(21)"]
*/
select
  x.arn as resource,
  x.web_acl_arn <> '' as ok,
  case when x.web_acl_arn <> '' then 'a web ACL is attached' else 'no web ACL is attached' end as reason
from elbv2_load_balancer x
where x.type = 'application'
