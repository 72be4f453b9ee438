"""AWS Lambda: functions with their policy and update mode, their URLs, subnets, event sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sharedline.collect.settings import kinds_by_name
from sharedline.collect.table import Call, Table, col, item, opt, parent


def _function(found: dict[str, Any], _: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """Replaces the environment by its names and the kinds of credential found in it.

    Without `kms:Decrypt` on the function's key, AWS answers an error in place of the variables:
    then they are not known, rather than none.
    """
    environment = found.get("Environment") or {}
    kept = {k: v for k, v in found.items() if k != "Environment"}
    error = environment.get("Error")
    if error:
        yield {**kept, "EnvironmentError": error.get("ErrorCode") or "unknown"}
        return
    variables = environment.get("Variables") or {}
    yield {
        **kept,
        "EnvironmentNames": sorted(variables),
        "EnvironmentSecrets": kinds_by_name(variables),
    }


LAMBDA_FUNCTION = Table(
    name="lambda_function",
    service="lambda",
    arn="{FunctionArn}",
    list=Call(operation="ListFunctions", items="Functions[]"),
    transform=_function,
    columns={
        "function_name": "FunctionName",
        "package_type": opt("PackageType", "Zip"),
        "runtime": opt("Runtime"),
        "role": "Role",
        "last_modified": col("LastModified", "timestamp", "When the function was last changed."),
        "kms_key_arn": opt("KMSKeyArn"),
        "vpc_id": opt("VpcConfig.VpcId"),
        "subnet_ids": "VpcConfig.SubnetIds",
        "security_group_ids": "VpcConfig.SecurityGroupIds",
        "dead_letter_target_arn": opt("DeadLetterConfig.TargetArn"),
        "tracing_mode": opt("TracingConfig.Mode"),
        "architectures": "Architectures",
        "layers": "Layers[].Arn",
        "master_arn": opt("MasterArn"),
        "signing_profile_version_arn": opt("SigningProfileVersionArn"),
        "runtime_version_arn": opt("RuntimeVersionConfig.RuntimeVersionArn"),
        "capacity_provider_arn": opt(
            "CapacityProviderConfig.LambdaManagedInstancesCapacityProviderConfig"
            ".CapacityProviderArn"
        ),
        "log_group": opt("LoggingConfig.LogGroup"),
        "environment_error": col(
            "EnvironmentError",
            "string",
            "Why AWS did not show the environment variables; empty when it did.",
            default="",
        ),
        "environment_names": col(
            "EnvironmentNames", "strings", "Names of the environment variables."
        ),
        "environment_secrets": col(
            "EnvironmentSecrets",
            "json",
            "Variables that hold a credential, name to kind; `{}` for none. Never a value.",
        ),
    },
    details=(
        Call(
            operation="GetPolicy",
            params={"FunctionName": item("FunctionName")},
            columns={"policy": "Policy"},
            absent={"ResourceNotFoundException": ""},
        ),
        Call(
            operation="GetRuntimeManagementConfig",
            params={"FunctionName": item("FunctionName")},
            columns={"update_runtime_on": opt("UpdateRuntimeOn")},
            # An image brings its own runtime: the setting does not exist for it.
            when="PackageType != 'Image'",
        ),
        Call(
            operation="GetFunctionCodeSigningConfig",
            params={"FunctionName": item("FunctionName")},
            columns={"code_signing_config_arn": opt("CodeSigningConfigArn")},
            absent={"EmptyAnswer": ""},
        ),
        Call(
            operation="ListTags",
            params={"Resource": item("FunctionArn")},
            columns={"tags": opt("Tags")},
        ),
    ),
)

LAMBDA_FUNCTION_SUBNET = Table(
    name="lambda_function_subnet",
    service="lambda",
    arn="",
    resource=False,
    source="lambda_function",
    items="VpcConfig.SubnetIds[]",
    columns={"subnet_id": col("@", "string", "A subnet that the function is attached to.")},
    doc="A subnet of a function in a VPC; its ARN is that of the function.",
)

LAMBDA_FUNCTION_URL = Table(
    name="lambda_function_url",
    service="lambda",
    arn="{FunctionArn}",
    resource=False,
    parent="lambda_function",
    list=Call(
        operation="ListFunctionUrlConfigs",
        items="FunctionUrlConfigs[]",
        params={"FunctionName": parent("function_name")},
        # The function was deleted between the listing and this call.
        absent={"ResourceNotFoundException": []},
    ),
    columns={
        "function_arn": parent("arn"),
        "function_url": "FunctionUrl",
        "auth_type": "AuthType",
        "cors_allow_origins": "Cors.AllowOrigins",
        "cors_allow_credentials": opt("Cors.AllowCredentials"),
    },
    doc="The URL of a function or of one of its aliases, and who may call it.",
)

LAMBDA_EVENT_SOURCE_MAPPING = Table(
    name="lambda_event_source_mapping",
    service="lambda",
    arn="arn:{partition}:lambda:{region}:{account_id}:event-source-mapping:{UUID}",
    list=Call(operation="ListEventSourceMappings", items="EventSourceMappings[]"),
    columns={
        "uuid": "UUID",
        "event_source_arn": opt("EventSourceArn"),
        "function_arn": opt("FunctionArn"),
        "state": opt("State"),
        "on_failure_destination": opt("DestinationConfig.OnFailure.Destination"),
        "last_modified": opt("LastModified"),
    },
)
