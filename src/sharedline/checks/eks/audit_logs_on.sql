/*
title = "EKS clusters send their audit log to CloudWatch Logs"
severity = "medium"
duty = "monitoring.audit-logging"
why = "The audit log is the only record of who did what through the Kubernetes API; CloudTrail does not see it."
fix = """
aws eks update-cluster-config --name NAME \\
  --logging '{"clusterLogging":[{"types":["audit","authenticator","api"],"enabled":true}]}'
"""
[controls]
aws-fsbp = ["EKS.8"]
nist-800-53-r5 = ["AU-2", "AU-12"]
*/
select
  c.arn as resource,
  array_contains(c.enabled_log_types, 'audit') as ok,
  case
    when array_contains(c.enabled_log_types, 'audit') then 'audit logs are sent'
    else 'audit logs are not sent'
  end as reason
from eks_cluster c
