/*
title = "DynamoDB tables can be restored to any moment of the last weeks"
severity = "medium"
duty = "data.backup-recovery"
why = """\
DynamoDB keeps several copies of the data, and a wrong write or delete reaches them all at once; \
only recovery points undo it."""
fix = """
aws dynamodb update-continuous-backups --table-name NAME \\
  --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true
"""
[controls]
aws-fsbp = ["DynamoDB.2"]
nist-800-53-r5 = ["CP-9", "CP-10"]
*/
select
  t.arn as resource,
  t.point_in_time_recovery_status = 'ENABLED' as ok,
  case
    when t.point_in_time_recovery_status = 'ENABLED' then 'point-in-time recovery is on'
    else 'point-in-time recovery is off'
  end as reason
from dynamodb_table t
