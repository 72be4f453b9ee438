/*
title = "API routes ask who is calling"
severity = "medium"
duty = "application.edge-protection"
why = "A route without an authorizer answers everybody who finds it."
fix = """
aws apigatewayv2 update-route --api-id API_ID --route-id ROUTE_ID --authorization-type JWT \
  --authorizer-id AUTHORIZER_ID
"""
[controls]
aws-fsbp = ["APIGateway.8"]
nist-800-53-r5 = ["AC-3", "CM-2"]
*/
select
  x.api_arn || '/routes/' || x.route_id as resource,
  x.authorization_type <> 'NONE' as ok,
  'the authorization of ' || x.route_key || ' is ' || x.authorization_type as reason
from apigatewayv2_route x
