/*
title = "GuardDuty has EKS audit log monitoring"
severity = "high"
duty = "monitoring.threat-detection"
why = "Calls to the Kubernetes API are not in CloudTrail; without it nobody watches them."
fix = """
aws guardduty update-detector --detector-id ID --features Name=EKS_AUDIT_LOGS,Status=ENABLED
"""
[controls]
aws-fsbp = ["GuardDuty.5"]
nist-800-53-r5 = ["SI-4", "SI-4(4)"]
*/
select
  d.arn as resource,
  d.eks_audit_logs = 'ENABLED' as ok,
  case
    when d.eks_audit_logs = 'ENABLED' then 'EKS audit log monitoring is on'
    when not (d.eks_audit_logs = 'ENABLED') then 'EKS audit log monitoring is off'
  end as reason
from guardduty_detector d
