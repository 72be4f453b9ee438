/*
title = "OpenSearch domains are encrypted at rest"
severity = "medium"
duty = "data.encryption-at-rest"
why = """\
Indexes hold what logs and applications put there, personal data included; unencrypted, so do the \
snapshots."""
fix = """
aws opensearch update-domain-config --domain-name NAME --encryption-at-rest-options Enabled=true,KmsKeyId=KEY_ARN
"""
[controls]
aws-fsbp = ["Opensearch.1"]
nist-800-53-r5 = ["SC-28", "SC-28(1)"]
*/
select
  x.arn as resource,
  x.encryption_at_rest_options_enabled as ok,
  case
    when x.encryption_at_rest_options_enabled then 'it is encrypted'
    else 'it is not encrypted'
  end as reason
from opensearch_domain x
