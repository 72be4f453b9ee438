/*
title = "OpenSearch domains control access index by index"
severity = "high"
duty = "identity.least-privilege"
why = "Without fine-grained access control whoever reaches the domain reads and deletes all of it."
fix = """
aws opensearch update-domain-config --domain-name NAME --advanced-security-options file://security.json
"""
[controls]
aws-fsbp = ["Opensearch.7"]
nist-800-53-r5 = ["AC-3", "AC-6"]
*/
select
  x.arn as resource,
  x.advanced_security_enabled as ok,
  case
    when x.advanced_security_enabled then 'fine-grained access control is on'
    else 'fine-grained access control is off'
  end as reason
from opensearch_domain x
