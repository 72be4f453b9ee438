/*
title = "Classic load balancers mitigate request smuggling"
severity = "medium"
duty = "application.edge-protection"
why = "Servers that disagree about where a request ends let an attacker speak in another user's name."
fix = """
aws elb modify-load-balancer-attributes --load-balancer-name NAME \
  --load-balancer-attributes '{"AdditionalAttributes": [{"Key": "elb.http.desyncmitigationmode", "Value": "defensive"}]}'
"""
[controls]
aws-fsbp = ["ELB.14"]
nist-800-53-r5 = ["CM-2", "AC-4(21)"]
*/
select
  x.arn as resource,
  x.desync_mitigation_mode in ('defensive', 'strictest') as ok,
  case when x.desync_mitigation_mode in ('defensive', 'strictest') then 'ambiguous requests are stopped' else 'ambiguous requests are only counted' end as reason
from elb_load_balancer x
