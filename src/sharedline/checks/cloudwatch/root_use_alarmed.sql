/*
title = "Any use of root raises an alarm"
severity = "low"
duty = "monitoring.alerting"
why = "Root is hardly ever needed; each use is either planned or a takeover."
fix = """
aws logs put-metric-filter --log-group-name TRAIL_LOG_GROUP --filter-name root-use \\
  --filter-pattern '{$.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent"}' \\
  --metric-transformations metricName=root-use,metricNamespace=Audit,metricValue=1
aws cloudwatch put-metric-alarm --alarm-name root-use --metric-name root-use --namespace Audit \\
  --statistic Sum --period 300 --threshold 1 --evaluation-periods 1 \\
  --comparison-operator GreaterThanOrEqualToThreshold --alarm-actions TOPIC_ARN
# and see that somebody confirms the subscription to the topic
"""
[controls]
"cis-aws-7.0.0" = ["5.3"]
nist-800-53-r5 = ["SI-4(5)", "IR-6"]
*/
select
  a.arn as resource,
  c.covered as ok,
  c.missing as reason
from account a
left join alarm_coverage c on c.account_id = a.account_id and c.event_set = 'root-use'
