/*
title = "Redshift clusters are encrypted at rest"
severity = "medium"
duty = "data.encryption-at-rest"
why = """\
A warehouse gathers the data of many systems; its blocks and snapshots should be useless without \
a key."""
fix = """
aws redshift modify-cluster --cluster-identifier NAME --encrypted --kms-key-id KEY_ARN
"""
[controls]
aws-fsbp = ["Redshift.10"]
nist-800-53-r5 = ["SC-28", "SC-28(1)"]
*/
select
  x.arn as resource,
  x.encrypted as ok,
  case
    when x.encrypted then 'it is encrypted'
    else 'it is not encrypted'
  end as reason
from redshift_cluster x
