/*
title = "REST API stages are traced"
severity = "low"
duty = "monitoring.alerting"
why = "Traces show where an answer was slow or wrong, and which part of the system a request touched."
fix = """
aws apigateway update-stage --rest-api-id API_ID --stage-name STAGE --patch-operations op=replace,path=/tracingEnabled,value=true
"""
[controls]
aws-fsbp = ["APIGateway.3"]
nist-800-53-r5 = ["CA-7"]
*/
select
  x.api_arn || '/stages/' || x.stage_name as resource,
  x.tracing_enabled as ok,
  case when x.tracing_enabled then 'tracing is on' else 'tracing is off' end as reason
from apigateway_stage x
