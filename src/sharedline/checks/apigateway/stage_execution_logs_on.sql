/*
title = "REST API stages keep execution logs"
severity = "medium"
duty = "monitoring.audit-logging"
why = "Without execution logs nobody can say what a request did behind the API, or which authorizer let it in."
fix = """
aws apigateway update-stage --rest-api-id API_ID --stage-name STAGE --cli-input-json file://logs.json
# logs.json: a replace operation for the path of all methods' logging/loglevel with the value ERROR
"""
[controls]
aws-fsbp = ["APIGateway.1"]
nist-800-53-r5 = ["AU-2", "AU-3", "AU-12"]
*/
select
  x.api_arn || '/stages/' || x.stage_name as resource,
  x.logging_level in ('ERROR', 'INFO') and not array_contains(x.method_logging_levels, 'OFF') as ok,
  case
    when x.logging_level not in ('ERROR', 'INFO') then 'execution logging is off'
    when array_contains(x.method_logging_levels, 'OFF') then 'a method has logging switched off'
    else 'execution logging is on'
  end as reason
from apigateway_stage x
