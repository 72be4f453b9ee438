/*
title = "REST API caches are encrypted"
severity = "medium"
duty = "data.encryption-at-rest"
why = "The cache holds answers, and so the data in them, on disk."
fix = """
# In the stage's method settings set caching/dataEncrypted to true for every method that caches.
aws apigateway update-stage --rest-api-id API_ID --stage-name STAGE --cli-input-json file://cache.json
"""
[controls]
aws-fsbp = ["APIGateway.5"]
nist-800-53-r5 = ["SC-28", "SC-28(1)"]
*/
select
  x.api_arn || '/stages/' || x.stage_name as resource,
  not x.has_unencrypted_cache as ok,
  case when not x.has_unencrypted_cache then 'no method caches without encryption' else 'a method caches answers without encryption' end as reason
from apigateway_stage x
