/*
title = "REST API stages present a client certificate"
severity = "medium"
duty = "data.encryption-in-transit"
why = "Without one the backend cannot tell API Gateway from anybody else who finds its address."
fix = """
aws apigateway update-stage --rest-api-id API_ID --stage-name STAGE --patch-operations op=replace,path=/clientCertificateId,value=CERTIFICATE_ID
"""
[controls]
aws-fsbp = ["APIGateway.2"]
nist-800-53-r5 = ["SC-8", "SC-8(1)", "SC-13", "SC-23"]
*/
select
  x.api_arn || '/stages/' || x.stage_name as resource,
  x.client_certificate_id <> '' as ok,
  case when x.client_certificate_id <> '' then 'it presents a client certificate' else 'it presents no client certificate' end as reason
from apigateway_stage x
