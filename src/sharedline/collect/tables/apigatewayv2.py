"""Amazon API Gateway v2: HTTP and WebSocket APIs, stages, routes, integrations."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, col, opt, parent

# API Gateway's IAM actions are the HTTP verbs of its own REST API.
_ACTION = "apigateway:GET"
# The answers do not say whose they are: rows of stages, routes and integrations have no ARN,
# and checks name them as `api_arn || '/stages/' || stage_name` and so on.
_GONE: dict[str, list[str]] = {"NotFoundException": []}

APIGATEWAYV2_API = Table(
    name="apigatewayv2_api",
    service="apigatewayv2",
    arn="arn:{partition}:apigateway:{region}::/apis/{ApiId}",
    list=Call(operation="GetApis", items="Items[]", action=_ACTION),
    tags="Tags",
    columns={
        "api_id": "ApiId",
        "name": "Name",
        "protocol_type": "ProtocolType",
        "api_endpoint": opt("ApiEndpoint"),
        "disable_execute_api_endpoint": opt("DisableExecuteApiEndpoint"),
        "created_date": opt("CreatedDate"),
    },
)

APIGATEWAYV2_STAGE = Table(
    name="apigatewayv2_stage",
    service="apigatewayv2",
    arn="",
    resource=False,
    parent="apigatewayv2_api",
    list=Call(
        operation="GetStages",
        items="Items[]",
        params={"ApiId": parent("api_id")},
        action=_ACTION,
        absent=_GONE,
    ),
    tags="Tags",
    columns={
        "api_arn": parent("arn"),
        "api_id": parent("api_id"),
        "protocol_type": parent("protocol_type"),
        "stage_name": "StageName",
        "access_log_destination_arn": opt("AccessLogSettings.DestinationArn"),
        "logging_level": opt("DefaultRouteSettings.LoggingLevel", "OFF"),
        "route_logging_levels": col(
            "values(RouteSettings || `{}`)[].LoggingLevel",
            "strings",
            "The execution logging level of each route with settings of its own.",
        ),
    },
)

APIGATEWAYV2_ROUTE = Table(
    name="apigatewayv2_route",
    service="apigatewayv2",
    arn="",
    resource=False,
    parent="apigatewayv2_api",
    list=Call(
        operation="GetRoutes",
        items="Items[]",
        params={"ApiId": parent("api_id")},
        action=_ACTION,
        absent=_GONE,
    ),
    columns={
        "api_arn": parent("arn"),
        "api_id": parent("api_id"),
        "protocol_type": parent("protocol_type"),
        "route_id": "RouteId",
        "route_key": "RouteKey",
        "authorization_type": opt("AuthorizationType", "NONE"),
        "api_key_required": opt("ApiKeyRequired"),
    },
)

APIGATEWAYV2_INTEGRATION = Table(
    name="apigatewayv2_integration",
    service="apigatewayv2",
    arn="",
    resource=False,
    parent="apigatewayv2_api",
    list=Call(
        operation="GetIntegrations",
        items="Items[]",
        params={"ApiId": parent("api_id")},
        action=_ACTION,
        absent=_GONE,
    ),
    columns={
        "api_arn": parent("arn"),
        "api_id": parent("api_id"),
        "integration_id": "IntegrationId",
        "connection_type": opt("ConnectionType", "INTERNET"),
        "integration_uri": opt("IntegrationUri"),
        "server_name_to_verify": opt("TlsConfig.ServerNameToVerify"),
        "has_tls_config": col(
            "type(TlsConfig) == 'object'", "bool", "Whether a private integration speaks TLS."
        ),
    },
)
