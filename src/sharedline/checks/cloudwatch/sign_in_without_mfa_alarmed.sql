/*
title = "Console sign-ins without MFA raise an alarm"
severity = "low"
duty = "monitoring.alerting"
why = "A sign-in with a password alone is what a phished password gives."
fix = """
aws logs put-metric-filter --log-group-name TRAIL_LOG_GROUP --filter-name sign-in-without-mfa \\
  --filter-pattern '{($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes")}' \\
  --metric-transformations metricName=sign-in-without-mfa,metricNamespace=Audit,metricValue=1
aws cloudwatch put-metric-alarm --alarm-name sign-in-without-mfa --metric-name sign-in-without-mfa --namespace Audit \\
  --statistic Sum --period 300 --threshold 1 --evaluation-periods 1 \\
  --comparison-operator GreaterThanOrEqualToThreshold --alarm-actions TOPIC_ARN
# and see that somebody confirms the subscription to the topic
"""
[controls]
"cis-aws-7.0.0" = ["5.2"]
nist-800-53-r5 = ["SI-4(5)", "IR-6"]
*/
select
  a.arn as resource,
  c.covered as ok,
  c.missing as reason
from account a
left join alarm_coverage c on c.account_id = a.account_id and c.event_set = 'sign-in-without-mfa'
