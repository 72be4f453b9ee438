/*
title = "Findings of GuardDuty reach people"
severity = "high"
duty = "monitoring.alerting"
why = "A finding that stays in the console is seen when somebody happens to look."
fix = """
aws events put-rule --name guardduty-findings --event-pattern \\
  '{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}'
aws events put-targets --rule guardduty-findings --targets Id=people,Arn=TOPIC_ARN
# and see that somebody confirms the subscription to the topic
"""
tolerates = ["securityhub_finding_aggregator"]
[controls]
nist-800-53-r5 = ["SI-4(5)", "IR-6"]
*/
select
  r.arn as resource,
  r.reached as ok,
  r.missing as reason
from finding_route r
where r.source = 'guardduty'
