/*
title = "Redshift clusters write audit logs"
severity = "medium"
duty = "monitoring.audit-logging"
why = """\
Connection and user logs show who logged in and what they changed; Redshift keeps them only where \
it is told to."""
fix = """
aws redshift enable-logging --cluster-identifier NAME --log-destination-type cloudwatch \\
  --log-exports connectionlog userlog useractivitylog
"""
[controls]
aws-fsbp = ["Redshift.4"]
nist-800-53-r5 = ["AU-2", "AU-3", "AU-12"]
*/
select
  x.arn as resource,
  x.logging_enabled as ok,
  case
    when x.logging_enabled then 'audit logging is on'
    else 'audit logging is off'
  end as reason
from redshift_cluster x
