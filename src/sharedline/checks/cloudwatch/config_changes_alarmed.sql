/*
title = "Changes of AWS Config raise an alarm"
severity = "low"
duty = "monitoring.alerting"
why = "With the recorder stopped, changes go unnoticed."
fix = """
aws logs put-metric-filter --log-group-name TRAIL_LOG_GROUP --filter-name config-changes \\
  --filter-pattern '{($.eventSource = config.amazonaws.com) && (($.eventName = StopConfigurationRecorder) || ($.eventName = DeleteDeliveryChannel) || ($.eventName = PutDeliveryChannel) || ($.eventName = PutConfigurationRecorder))}' \\
  --metric-transformations metricName=config-changes,metricNamespace=Audit,metricValue=1
aws cloudwatch put-metric-alarm --alarm-name config-changes --metric-name config-changes --namespace Audit \\
  --statistic Sum --period 300 --threshold 1 --evaluation-periods 1 \\
  --comparison-operator GreaterThanOrEqualToThreshold --alarm-actions TOPIC_ARN
# and see that somebody confirms the subscription to the topic
"""
[controls]
"cis-aws-7.0.0" = ["5.9"]
nist-800-53-r5 = ["SI-4(5)", "IR-6"]
*/
select
  a.arn as resource,
  c.covered as ok,
  c.missing as reason
from account a
left join alarm_coverage c on c.account_id = a.account_id and c.event_set = 'config-changes'
