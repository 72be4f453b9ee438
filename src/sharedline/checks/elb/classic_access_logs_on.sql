/*
title = "Classic load balancers keep access logs"
severity = "medium"
duty = "monitoring.audit-logging"
why = "Without access logs nobody can say afterwards who asked for what."
fix = """
aws elb modify-load-balancer-attributes --load-balancer-name NAME \
  --load-balancer-attributes '{"AccessLog": {"Enabled": true, "S3BucketName": "BUCKET"}}'
"""
[controls]
aws-fsbp = ["ELB.5"]
"cis-aws-7.0.0" = ["4.10"]
nist-800-53-r5 = ["AU-2", "AU-3", "AU-12"]
*/
select
  x.arn as resource,
  x.access_log_enabled as ok,
  case when x.access_log_enabled then 'access logs go to S3' else 'access logs are off' end as reason
from elb_load_balancer x
