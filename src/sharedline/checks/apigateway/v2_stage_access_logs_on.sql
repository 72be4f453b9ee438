/*
title = "HTTP and WebSocket API stages keep access logs"
severity = "medium"
duty = "monitoring.audit-logging"
why = "Access logs say who called which route when; without them abuse leaves no trace of its own."
fix = """
aws apigatewayv2 update-stage --api-id API_ID --stage-name STAGE \
  --access-log-settings DestinationArn=LOG_GROUP_ARN,Format='$context.requestId'
"""
[controls]
aws-fsbp = ["APIGateway.9"]
"cis-aws-7.0.0" = ["4.10"]
nist-800-53-r5 = ["AU-2", "AU-3", "AU-12"]
*/
select
  x.api_arn || '/stages/' || x.stage_name as resource,
  x.access_log_destination_arn <> '' as ok,
  case when x.access_log_destination_arn <> '' then 'access logs are kept' else 'access logs are off' end as reason
from apigatewayv2_stage x
