/*
title = "OpenSearch domains write error logs"
severity = "medium"
duty = "monitoring.audit-logging"
why = "Error logs show failed logins and broken queries, the first traces of an attack."
fix = """
aws opensearch update-domain-config --domain-name NAME \\
  --log-publishing-options ES_APPLICATION_LOGS={CloudWatchLogsLogGroupArn=ARN,Enabled=true}
"""
[controls]
aws-fsbp = ["Opensearch.4"]
nist-800-53-r5 = ["AU-2", "AU-3", "AU-12"]
*/
select
  x.arn as resource,
  x.error_logs_enabled as ok,
  case
    when x.error_logs_enabled then 'error logs are kept'
    else 'error logs are not kept'
  end as reason
from opensearch_domain x
