/*
title = "DynamoDB tables cannot be deleted by mistake"
severity = "medium"
duty = "data.retention-deletion"
why = """\
One wrong call deletes a table with all its items; protection asks for a second, deliberate one."""
fix = """
aws dynamodb update-table --table-name NAME --deletion-protection-enabled
"""
[controls]
aws-fsbp = ["DynamoDB.6"]
nist-800-53-r5 = ["CM-3", "SC-5(2)"]
*/
select
  x.arn as resource,
  x.deletion_protection_enabled as ok,
  case
    when x.deletion_protection_enabled then 'deletion protection is on'
    else 'deletion protection is off'
  end as reason
from dynamodb_table x
