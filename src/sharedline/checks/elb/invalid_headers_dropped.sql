/*
title = "Application load balancers drop malformed headers"
severity = "medium"
duty = "application.edge-protection"
why = "Malformed headers are how requests are smuggled past one server into another."
fix = """
aws elbv2 modify-load-balancer-attributes --load-balancer-arn LOAD_BALANCER_ARN \
  --attributes Key=routing.http.drop_invalid_header_fields.enabled,Value=true
"""
[controls]
aws-fsbp = ["ELB.4"]
nist-800-53-r5 = ["SC-7(4)", "SC-8(2)"]
*/
select
  x.arn as resource,
  x.drop_invalid_header_fields_enabled as ok,
  case when x.drop_invalid_header_fields_enabled then 'malformed headers are dropped' else 'malformed headers are passed on' end as reason
from elbv2_load_balancer x
where x.type = 'application'
