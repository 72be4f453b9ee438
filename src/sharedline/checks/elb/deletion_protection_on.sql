/*
title = "Load balancers are protected from deletion"
severity = "medium"
duty = "configuration.baseline"
why = "One mistaken command then cannot take the application off the network."
fix = """
aws elbv2 modify-load-balancer-attributes --load-balancer-arn LOAD_BALANCER_ARN \
  --attributes Key=deletion_protection.enabled,Value=true
"""
[controls]
aws-fsbp = ["ELB.6"]
nist-800-53-r5 = ["CM-3", "SC-5(2)"]
*/
select
  x.arn as resource,
  x.deletion_protection_enabled as ok,
  case when x.deletion_protection_enabled then 'it refuses to be deleted' else 'it can be deleted at once' end as reason
from elbv2_load_balancer x
