/*
title = "Private API integrations speak TLS"
severity = "medium"
duty = "data.encryption-in-transit"
why = "A VPC link is private but not encrypted by itself: in plain text, whoever is in the network reads along."
fix = """
aws apigatewayv2 update-integration --api-id API_ID --integration-id INTEGRATION_ID \
  --tls-config ServerNameToVerify=HOST
"""
[controls]
aws-fsbp = ["APIGateway.10"]
nist-800-53-r5 = ["SC-8", "SC-8(1)"]
*/
select
  x.api_arn || '/integrations/' || x.integration_id as resource,
  x.has_tls_config as ok,
  case when x.has_tls_config then 'it speaks TLS' else 'it speaks plain HTTP' end as reason
from apigatewayv2_integration x
where x.connection_type = 'VPC_LINK'
