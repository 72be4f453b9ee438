/*
title = "Findings of Security Hub reach people"
severity = "medium"
duty = "monitoring.alerting"
why = "Security Hub gathers what other services find; without a rule it tells nobody."
fix = """
aws events put-rule --name security-findings --event-pattern \\
  '{"source": ["aws.securityhub"], "detail-type": ["Security Hub Findings - Imported"],
    "detail": {"findings": {"Severity": {"Label": ["HIGH", "CRITICAL"]}}}}'
aws events put-targets --rule security-findings --targets Id=people,Arn=TOPIC_ARN
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
where r.source = 'securityhub'
