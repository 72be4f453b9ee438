"""Amazon API Gateway: REST APIs, their stages, custom domain names."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, col, opt, parent

_ACTION = "apigateway:GET"
_ARN = "arn:{partition}:apigateway:{region}::"

APIGATEWAY_REST_API = Table(
    name="apigateway_rest_api",
    service="apigateway",
    arn=_ARN + "/restapis/{id}",
    list=Call(operation="GetRestApis", items="items[]", action=_ACTION, params={"limit": 500}),
    tags="tags",
    columns={
        "id": "id",
        "name": "name",
        "created_date": opt("createdDate"),
        "endpoint_types": "endpointConfiguration.types",
        "policy": opt("policy"),
        "disable_execute_api_endpoint": opt("disableExecuteApiEndpoint"),
        "api_key_source": opt("apiKeySource"),
        "security_policy": opt("securityPolicy"),
    },
)

APIGATEWAY_STAGE = Table(
    name="apigateway_stage",
    service="apigateway",
    arn="",
    parent="apigateway_rest_api",
    list=Call(
        operation="GetStages",
        items="item[]",
        params={"restApiId": parent("id")},
        action=_ACTION,
        absent={"NotFoundException": []},
    ),
    tags="tags",
    columns={
        "rest_api_arn": parent("arn"),
        "rest_api_id": parent("id"),
        "endpoint_types": parent("endpoint_types"),
        "stage_name": "stageName",
        "web_acl_arn": opt("webAclArn"),
        "client_certificate_id": opt("clientCertificateId"),
        "tracing_enabled": opt("tracingEnabled"),
        "cache_cluster_enabled": opt("cacheClusterEnabled"),
        "access_log_destination_arn": opt("accessLogSettings.destinationArn"),
    },
)
