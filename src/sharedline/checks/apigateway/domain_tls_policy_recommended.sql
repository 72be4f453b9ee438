/*
title = "API domain names use a recommended TLS policy"
severity = "medium"
duty = "data.encryption-in-transit"
why = "An old policy lets clients be talked down to protocol versions and ciphers that are broken."
fix = """
aws apigateway update-domain-name --domain-name DOMAIN --patch-operations \
  op=replace,path=/securityPolicy,value=SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09 \
  op=replace,path=/endpointAccessMode,value=STRICT
"""
[controls]
aws-fsbp = ["APIGateway.11"]
nist-800-53-r5 = ["SC-8", "SC-8(1)"]
*/
select
  x.arn as resource,
  x.security_policy in (
    'SecurityPolicy_TLS13_1_3_2025_09',
    'SecurityPolicy_TLS13_1_3_FIPS_2025_09',
    'SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09',
    'SecurityPolicy_TLS13_2025_EDGE',
    'SecurityPolicy_TLS12_PFS_2025_EDGE'
  ) as ok,
  'its policy is ' || x.security_policy as reason
from apigateway_domain_name x
