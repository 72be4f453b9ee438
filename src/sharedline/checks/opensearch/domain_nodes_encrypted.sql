/*
title = "OpenSearch domains encrypt the traffic between their nodes"
severity = "medium"
duty = "data.encryption-in-transit"
why = "Documents and queries travel between nodes; without encryption they do so in the clear."
fix = """
aws opensearch update-domain-config --domain-name NAME --node-to-node-encryption-options Enabled=true
"""
[controls]
aws-fsbp = ["Opensearch.3"]
nist-800-53-r5 = ["SC-8", "SC-8(1)"]
*/
select
  x.arn as resource,
  x.node_to_node_encryption_enabled as ok,
  case
    when x.node_to_node_encryption_enabled then 'traffic between nodes is encrypted'
    else 'traffic between nodes is not encrypted'
  end as reason
from opensearch_domain x
