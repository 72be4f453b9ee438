/*
title = "Application load balancers mitigate request smuggling"
severity = "medium"
duty = "application.edge-protection"
why = "Servers that disagree about where a request ends let an attacker speak in another user's name."
fix = """
aws elbv2 modify-load-balancer-attributes --load-balancer-arn LOAD_BALANCER_ARN \
  --attributes Key=routing.http.desync_mitigation_mode,Value=defensive
"""
[controls]
aws-fsbp = ["ELB.12"]
nist-800-53-r5 = ["CM-2", "AC-4(21)"]
*/
select
  x.arn as resource,
  x.desync_mitigation_mode in ('defensive', 'strictest') as ok,
  case when x.desync_mitigation_mode in ('defensive', 'strictest') then 'ambiguous requests are stopped' else 'ambiguous requests are only counted' end as reason
from elbv2_load_balancer x
where x.type = 'application'
