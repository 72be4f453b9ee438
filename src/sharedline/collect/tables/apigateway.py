"""Amazon API Gateway: REST APIs, their stages, custom domain names."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, col, opt, parent

# API Gateway's IAM actions are the HTTP verbs of its own REST API.
_ACTION = "apigateway:GET"

APIGATEWAY_REST_API = Table(
    name="apigateway_rest_api",
    service="apigateway",
    arn="arn:{partition}:apigateway:{region}::/restapis/{id}",
    list=Call(operation="GetRestApis", items="items[]", action=_ACTION, params={"limit": 500}),
    tags="tags",
    columns={
        "id": "id",
        "name": "name",
        "created_date": opt("createdDate"),
        "endpoint_type": col(
            "endpointConfiguration.types[0]",
            "string",
            "`EDGE`, `REGIONAL` or `PRIVATE`.",
            default="",
        ),
        "policy": opt("policy"),
        "disable_execute_api_endpoint": opt("disableExecuteApiEndpoint"),
        "security_policy": opt("securityPolicy"),
    },
)

APIGATEWAY_STAGE = Table(
    name="apigateway_stage",
    service="apigateway",
    # The answer does not say whose stages it lists, so the row has no ARN; checks name the
    # stage as `api_arn || '/stages/' || stage_name`.
    arn="",
    resource=False,
    parent="apigateway_rest_api",
    list=Call(
        operation="GetStages",
        items="item[]",
        params={"restApiId": parent("id")},
        action=_ACTION,
        # Deleted between the two listings: it has no stages any more.
        absent={"NotFoundException": []},
    ),
    tags="tags",
    columns={
        "api_arn": parent("arn"),
        "rest_api_id": parent("id"),
        "endpoint_type": parent("endpoint_type"),
        "stage_name": "stageName",
        "web_acl_arn": opt("webAclArn"),
        "client_certificate_id": opt("clientCertificateId"),
        "tracing_enabled": opt("tracingEnabled"),
        "cache_cluster_enabled": opt("cacheClusterEnabled"),
        "access_log_destination_arn": opt("accessLogSettings.destinationArn"),
        "logging_level": col(
            'methodSettings."*/*".loggingLevel',
            "string",
            "Execution logging of methods without a setting of their own; `OFF` where none is set.",
            default="OFF",
        ),
        "method_logging_levels": col(
            "values(methodSettings || `{}`)[].loggingLevel",
            "strings",
            "The execution logging level of each method setting.",
        ),
        "has_unencrypted_cache": col(
            "length(values(methodSettings || `{}`)[?cachingEnabled && !cacheDataEncrypted]) > `0`",
            "bool",
            "Whether a method setting caches answers without encrypting them.",
        ),
    },
)

APIGATEWAY_DOMAIN_NAME = Table(
    name="apigateway_domain_name",
    service="apigateway",
    arn="arn:{partition}:apigateway:{region}::/domainnames/{domainName}",
    list=Call(operation="GetDomainNames", items="items[]", action=_ACTION),
    tags="tags",
    columns={
        "domain_name": "domainName",
        "security_policy": opt("securityPolicy", "TLS_1_0"),
        "endpoint_type": col(
            "endpointConfiguration.types[0]",
            "string",
            "`EDGE`, `REGIONAL` or `PRIVATE`.",
            default="",
        ),
    },
)
