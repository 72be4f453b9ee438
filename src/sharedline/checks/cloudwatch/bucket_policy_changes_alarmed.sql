/*
title = "Changes of S3 bucket policies raise an alarm"
severity = "low"
duty = "monitoring.alerting"
why = "One change of a bucket policy can publish all of its data."
fix = """
aws logs put-metric-filter --log-group-name TRAIL_LOG_GROUP --filter-name bucket-policy-changes \\
  --filter-pattern '{($.eventSource = s3.amazonaws.com) && (($.eventName = PutBucketAcl) || ($.eventName = PutBucketPolicy) || ...the other bucket events)}' \\
  --metric-transformations metricName=bucket-policy-changes,metricNamespace=Audit,metricValue=1
aws cloudwatch put-metric-alarm --alarm-name bucket-policy-changes --metric-name bucket-policy-changes --namespace Audit \\
  --statistic Sum --period 300 --threshold 1 --evaluation-periods 1 \\
  --comparison-operator GreaterThanOrEqualToThreshold --alarm-actions TOPIC_ARN
# and see that somebody confirms the subscription to the topic
"""
[controls]
"cis-aws-7.0.0" = ["5.8"]
nist-800-53-r5 = ["SI-4(5)", "IR-6"]
*/
select
  a.arn as resource,
  c.covered as ok,
  c.missing as reason
from account a
left join alarm_coverage c on c.account_id = a.account_id and c.event_set = 'bucket-policy-changes'
