/*
title = "Log groups are encrypted with a KMS key of yours"
severity = "low"
duty = "data.encryption-at-rest"
why = "CloudWatch encrypts logs anyway; with a key of your own, reading them needs a permission on the key too, and can be cut off."
fix = """
aws logs associate-kms-key --log-group-name NAME --kms-key-id KEY_ARN
"""
[controls]
nist-800-53-r5 = ["AU-9", "SC-28"]
*/
select
  g.arn as resource,
  g.kms_key_id <> '' as ok,
  case
    when g.kms_key_id <> '' then 'encrypted with ' || g.kms_key_id
    when g.kms_key_id = '' then 'no KMS key'
  end as reason
from logs_log_group g
