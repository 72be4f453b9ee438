/*
title = "Alarms reach a subscriber that confirmed"
severity = "high"
duty = "monitoring.alerting"
why = "A topic keeps quiet about subscribers that never confirmed: the alarm goes off, and nobody hears it."
fix = """
aws sns list-subscriptions-by-topic --topic-arn TOPIC_ARN   # PendingConfirmation hears nothing
aws sns subscribe --topic-arn TOPIC_ARN --protocol email --notification-endpoint ADDRESS
# and see that the person follows the link in the mail
"""
[controls]
nist-800-53-r5 = ["SI-4(5)", "IR-6"]
*/
select
  r.arn as resource,
  r.reached as ok,
  r.missing as reason
from alarm_route r
