/*
title = "REST API stages are behind a web application firewall"
severity = "medium"
duty = "application.edge-protection"
why = "Without a web ACL every probe for known flaws reaches the API."
fix = """
aws wafv2 associate-web-acl --web-acl-arn WEB_ACL_ARN --resource-arn STAGE_ARN
"""
[controls]
aws-fsbp = ["APIGateway.4"]
nist-800-53-r5 = ["SC-7", "AC-4(21)"]
*/
select
  x.api_arn || '/stages/' || x.stage_name as resource,
  x.web_acl_arn <> '' as ok,
  case when x.web_acl_arn <> '' then 'a web ACL is attached' else 'no web ACL is attached' end as reason
from apigateway_stage x
