/*
title = "OpenSearch domains write audit logs"
severity = "medium"
duty = "monitoring.audit-logging"
why = "Audit logs show who searched for what; without them a leak cannot be traced to a user."
fix = """
aws opensearch update-domain-config --domain-name NAME \\
  --log-publishing-options AUDIT_LOGS={CloudWatchLogsLogGroupArn=ARN,Enabled=true}
"""
[controls]
aws-fsbp = ["Opensearch.5"]
nist-800-53-r5 = ["AU-2", "AU-3", "AU-12"]
*/
select
  x.arn as resource,
  x.audit_logs_enabled as ok,
  case
    when x.audit_logs_enabled then 'audit logs are kept'
    else 'audit logs are not kept'
  end as reason
from opensearch_domain x
