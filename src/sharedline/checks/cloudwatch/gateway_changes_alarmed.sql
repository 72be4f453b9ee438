/*
title = "Changes of network gateways raise an alarm"
severity = "low"
duty = "monitoring.alerting"
why = "A new gateway is a new way in and out of the network."
fix = """
aws logs put-metric-filter --log-group-name TRAIL_LOG_GROUP --filter-name gateway-changes \\
  --filter-pattern '{($.eventName = CreateInternetGateway) || ...the other gateway events}' \\
  --metric-transformations metricName=gateway-changes,metricNamespace=Audit,metricValue=1
aws cloudwatch put-metric-alarm --alarm-name gateway-changes --metric-name gateway-changes --namespace Audit \\
  --statistic Sum --period 300 --threshold 1 --evaluation-periods 1 \\
  --comparison-operator GreaterThanOrEqualToThreshold --alarm-actions TOPIC_ARN
# and see that somebody confirms the subscription to the topic
"""
[controls]
"cis-aws-7.0.0" = ["5.12"]
nist-800-53-r5 = ["SI-4(5)", "IR-6"]
*/
select
  a.arn as resource,
  c.covered as ok,
  c.missing as reason
from account a
left join alarm_coverage c on c.account_id = a.account_id and c.event_set = 'gateway-changes'
