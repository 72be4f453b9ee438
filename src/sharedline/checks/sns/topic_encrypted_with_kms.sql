/*
title = "SNS topics are encrypted with a KMS key"
severity = "medium"
duty = "data.encryption-at-rest"
why = """\
Messages wait on disks of SNS under keys of the service; with a KMS key reading them needs a \
second permission of yours."""
fix = """
aws sns set-topic-attributes --topic-arn ARN --attribute-name KmsMasterKeyId --attribute-value KEY_ARN
"""
[controls]
nist-800-53-r5 = ["SC-28", "SC-28(1)"]
*/
select
  t.arn as resource,
  t.kms_master_key_id <> '' as ok,
  case
    when t.kms_master_key_id = '' then 'it has no KMS key'
    else 'it is encrypted with ' || t.kms_master_key_id
  end as reason
from sns_topic t
