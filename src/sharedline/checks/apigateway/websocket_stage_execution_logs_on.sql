/*
title = "WebSocket API stages keep execution logs"
severity = "medium"
duty = "monitoring.audit-logging"
why = "Without execution logs nobody can say what a message did behind the API."
fix = """
aws apigatewayv2 update-stage --api-id API_ID --stage-name STAGE \
  --default-route-settings LoggingLevel=ERROR
"""
[controls]
aws-fsbp = ["APIGateway.1"]
nist-800-53-r5 = ["AU-2", "AU-3", "AU-12"]
*/
select
  x.api_arn || '/stages/' || x.stage_name as resource,
  x.logging_level in ('ERROR', 'INFO') and not array_contains(x.route_logging_levels, 'OFF') as ok,
  case when x.logging_level in ('ERROR', 'INFO') and not array_contains(x.route_logging_levels, 'OFF') then 'execution logging is on' else 'execution logging is off for some routes' end as reason
from apigatewayv2_stage x
where x.protocol_type = 'WEBSOCKET'
