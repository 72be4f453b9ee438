/*
title = "Kinesis streams keep records long enough to replay them"
severity = "medium"
duty = "data.backup-recovery"
why = "When a consumer fails over a weekend, records that have left the stream meanwhile are lost."
fix = """
aws kinesis increase-stream-retention-period --stream-name NAME --retention-period-hours 168
"""
[controls]
aws-fsbp = ["Kinesis.3"]
nist-800-53-r5 = ["CP-9"]
[params]
min_hours = 168
*/
select
  k.arn as resource,
  k.retention_period_hours >= $min_hours as ok,
  'records are kept for ' || k.retention_period_hours || ' hours' as reason
from kinesis_stream k
