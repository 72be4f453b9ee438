/*
title = "Disabling or deleting KMS keys raises an alarm"
severity = "low"
duty = "monitoring.alerting"
why = "Data under a deleted key is lost for ever; there are days to stop it, if somebody notices."
fix = """
aws logs put-metric-filter --log-group-name TRAIL_LOG_GROUP --filter-name key-deletion \\
  --filter-pattern '{($.eventSource = kms.amazonaws.com) && (($.eventName = DisableKey) || ($.eventName = ScheduleKeyDeletion))}' \\
  --metric-transformations metricName=key-deletion,metricNamespace=Audit,metricValue=1
aws cloudwatch put-metric-alarm --alarm-name key-deletion --metric-name key-deletion --namespace Audit \\
  --statistic Sum --period 300 --threshold 1 --evaluation-periods 1 \\
  --comparison-operator GreaterThanOrEqualToThreshold --alarm-actions TOPIC_ARN
# and see that somebody confirms the subscription to the topic
"""
[controls]
"cis-aws-7.0.0" = ["5.7"]
nist-800-53-r5 = ["SI-4(5)", "IR-6"]
*/
select
  a.arn as resource,
  c.covered as ok,
  c.missing as reason
from account a
left join alarm_coverage c on c.account_id = a.account_id and c.event_set = 'key-deletion'
