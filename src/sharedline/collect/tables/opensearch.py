"""Amazon OpenSearch Service: domains of either engine."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, col, item, opt

_LOGS = "LogPublishingOptions"

OPENSEARCH_DOMAIN = Table(
    name="opensearch_domain",
    service="opensearch",
    arn="{ARN}",
    # The service kept the permissions of its former name.
    iam_prefix="es",
    list=Call(operation="ListDomainNames", items="DomainNames[].DomainName"),
    describe=Call(
        operation="DescribeDomains", batch="DomainNames", size=5, items="DomainStatusList[]"
    ),
    columns={
        "domain_name": "DomainName",
        "engine_version": "EngineVersion",
        "vpc_id": opt("VPCOptions.VPCId"),
        "access_policies": opt("AccessPolicies"),
        "encryption_at_rest_options_enabled": opt("EncryptionAtRestOptions.Enabled"),
        "node_to_node_encryption_enabled": opt("NodeToNodeEncryptionOptions.Enabled"),
        "enforce_https": opt("DomainEndpointOptions.EnforceHTTPS"),
        "tls_security_policy": opt("DomainEndpointOptions.TLSSecurityPolicy"),
        "advanced_security_enabled": opt("AdvancedSecurityOptions.Enabled"),
        "anonymous_auth_enabled": opt("AdvancedSecurityOptions.AnonymousAuthEnabled"),
        "audit_logs_enabled": col(
            f"{_LOGS}.AUDIT_LOGS.Enabled", "bool", "Whether audit logs are kept.", default=False
        ),
        "error_logs_enabled": col(
            f"{_LOGS}.ES_APPLICATION_LOGS.Enabled",
            "bool",
            "Whether the domain's error logs are kept.",
            default=False,
        ),
        "auto_software_update_enabled": opt("SoftwareUpdateOptions.AutoSoftwareUpdateEnabled"),
        "update_available": opt("ServiceSoftwareOptions.UpdateAvailable"),
        "current_version": opt("ServiceSoftwareOptions.CurrentVersion"),
    },
    details=(
        Call(operation="ListTags", params={"ARN": item("ARN")}, columns={"tags": opt("TagList")}),
    ),
)

OPENSEARCH_SERVERLESS_COLLECTION = Table(
    name="opensearch_serverless_collection",
    service="opensearchserverless",
    arn="{arn}",
    list=Call(operation="ListCollections", items="collectionSummaries[]"),
    columns={
        "id": "id",
        "name": "name",
        "status": "status",
        "kms_key_arn": opt("kmsKeyArn"),
    },
    details=(
        Call(
            operation="ListTagsForResource",
            params={"resourceArn": item("arn")},
            columns={"tags": opt("tags")},
        ),
    ),
)
