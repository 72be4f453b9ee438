/*
title = "Kinesis streams are encrypted at rest"
severity = "medium"
duty = "data.encryption-at-rest"
why = "Records wait in the stream for days; encryption with a KMS key keeps them readable only to those who may use the key."
fix = """
aws kinesis start-stream-encryption --stream-name NAME --encryption-type KMS --key-id alias/aws/kinesis
"""
[controls]
aws-fsbp = ["Kinesis.1"]
nist-800-53-r5 = ["SC-28", "SC-28(1)"]
*/
select
  k.arn as resource,
  k.encryption_type = 'KMS' as ok,
  case when k.encryption_type = 'KMS' then 'encrypted with a KMS key' else 'not encrypted' end as reason
from kinesis_stream k
