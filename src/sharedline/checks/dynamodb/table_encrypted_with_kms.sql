/*
title = "DynamoDB tables are encrypted with a KMS key of the account"
severity = "low"
duty = "data.key-management"
why = """\
DynamoDB always encrypts, by default with a key that it owns; only a KMS key in your account \
shows its use and can be taken away."""
fix = """
aws dynamodb update-table --table-name NAME --sse-specification Enabled=true,SSEType=KMS,KMSMasterKeyId=KEY_ARN
"""
[controls]
nist-800-53-r5 = ["SC-12", "SC-28(1)"]
*/
select
  t.arn as resource,
  t.sse_status in ('ENABLED', 'ENABLING', 'UPDATING') as ok,
  case
    when t.sse_status = '' then 'it is encrypted with a key that DynamoDB owns'
    else 'encryption with ' || t.kms_master_key_arn || ' is ' || t.sse_status
  end as reason
from dynamodb_table t
