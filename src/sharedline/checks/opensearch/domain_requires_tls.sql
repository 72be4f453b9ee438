/*
title = "OpenSearch domains accept only HTTPS with a current TLS policy"
severity = "medium"
duty = "data.encryption-in-transit"
why = "A domain that still answers HTTP or old TLS versions can be listened to."
fix = """
aws opensearch update-domain-config --domain-name NAME \\
  --domain-endpoint-options EnforceHTTPS=true,TLSSecurityPolicy=Policy-Min-TLS-1-2-PFS-2023-10
"""
[controls]
aws-fsbp = ["Opensearch.8"]
nist-800-53-r5 = ["SC-8", "SC-8(1)"]
[params]
policy = "Policy-Min-TLS-1-2-PFS-2023-10"
stricter_policy = "Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08"
*/
select
  d.arn as resource,
  d.enforce_https and d.tls_security_policy in ($policy, $stricter_policy) as ok,
  case
    when not d.enforce_https then 'plain HTTP is answered'
    else 'its TLS policy is ' || d.tls_security_policy
  end as reason
from opensearch_domain d
