/*
title = "Flow logs are delivered"
severity = "medium"
duty = "monitoring.audit-logging"
why = "A flow log whose delivery fails looks switched on and records nothing."
fix = """
# See the reason, then correct the role, the log group or the bucket policy that it names:
aws ec2 describe-flow-logs --flow-log-ids FLOW_LOG_ID
"""
[controls]
nist-800-53-r5 = ["AU-12", "AU-5"]
*/
select
  f.arn as resource,
  f.flow_log_status = 'ACTIVE' and f.deliver_logs_status <> 'FAILED' as ok,
  case
    when f.deliver_logs_status = 'FAILED'
      then 'delivery fails: ' || f.deliver_logs_error_message
    when f.flow_log_status <> 'ACTIVE' then 'its status is ' || f.flow_log_status
    else 'it is delivered'
  end as reason
from ec2_flow_log f
