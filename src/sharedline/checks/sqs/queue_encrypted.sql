/*
title = "SQS queues are encrypted at rest"
severity = "medium"
duty = "data.encryption-at-rest"
why = """\
Messages wait on disk until somebody fetches them; older queues and those made by old templates \
keep them unencrypted."""
fix = """
aws sqs set-queue-attributes --queue-url URL --attributes SqsManagedSseEnabled=true
"""
[controls]
aws-fsbp = ["SQS.1"]
nist-800-53-r5 = ["SC-28", "SC-28(1)"]
*/
select
  q.arn as resource,
  q.kms_master_key_id <> '' or q.sqs_managed_sse_enabled as ok,
  case
    when q.kms_master_key_id <> '' then 'it is encrypted with ' || q.kms_master_key_id
    when q.sqs_managed_sse_enabled then 'it is encrypted with keys that SQS manages'
    else 'its messages are not encrypted'
  end as reason
from sqs_queue q
