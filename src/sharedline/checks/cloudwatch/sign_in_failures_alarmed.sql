/*
title = "Failed console sign-ins raise an alarm"
severity = "low"
duty = "monitoring.alerting"
why = "Many failed sign-ins are somebody guessing a password."
fix = """
aws logs put-metric-filter --log-group-name TRAIL_LOG_GROUP --filter-name sign-in-failures \\
  --filter-pattern '{($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication")}' \\
  --metric-transformations metricName=sign-in-failures,metricNamespace=Audit,metricValue=1
aws cloudwatch put-metric-alarm --alarm-name sign-in-failures --metric-name sign-in-failures --namespace Audit \\
  --statistic Sum --period 300 --threshold 1 --evaluation-periods 1 \\
  --comparison-operator GreaterThanOrEqualToThreshold --alarm-actions TOPIC_ARN
# and see that somebody confirms the subscription to the topic
"""
[controls]
"cis-aws-7.0.0" = ["5.6"]
nist-800-53-r5 = ["SI-4(5)", "IR-6"]
*/
select
  a.arn as resource,
  c.covered as ok,
  c.missing as reason
from account a
left join alarm_coverage c on c.account_id = a.account_id and c.event_set = 'sign-in-failures'
