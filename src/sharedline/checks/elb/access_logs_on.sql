/*
title = "Application load balancers keep access logs"
severity = "medium"
duty = "monitoring.audit-logging"
why = "Without access logs nobody can say afterwards who asked for what, or how an attack went."
fix = """
aws elbv2 modify-load-balancer-attributes --load-balancer-arn LOAD_BALANCER_ARN \
  --attributes Key=access_logs.s3.enabled,Value=true Key=access_logs.s3.bucket,Value=BUCKET
"""
[controls]
aws-fsbp = ["ELB.5"]
"cis-aws-7.0.0" = ["4.10"]
nist-800-53-r5 = ["AU-2", "AU-3", "AU-12"]
*/
select
  x.arn as resource,
  x.access_logs_s3_enabled as ok,
  case when x.access_logs_s3_enabled then 'access logs go to S3' else 'access logs are off' end as reason
from elbv2_load_balancer x
where x.type = 'application'
