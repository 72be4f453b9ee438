"""AWS Elastic Beanstalk: environments and the options that decide their updates and logs."""

from __future__ import annotations

from sharedline.collect.table import Call, Col, Table, col, item, opt


def _option(namespace: str, name: str, doc: str, default: str) -> Col:
    """An option of the environment's configuration, by namespace and name."""
    return col(
        "ConfigurationSettings[0].OptionSettings"
        f"[?Namespace=='{namespace}' && OptionName=='{name}'].Value | [0]",
        "string",
        doc,
        default=default,
    )


ELASTICBEANSTALK_ENVIRONMENT = Table(
    name="elasticbeanstalk_environment",
    service="elasticbeanstalk",
    arn="{EnvironmentArn}",
    list=Call(
        operation="DescribeEnvironments",
        items="Environments[]",
        params={"IncludeDeleted": False},
    ),
    columns={
        "environment_name": "EnvironmentName",
        "environment_id": "EnvironmentId",
        "application_name": "ApplicationName",
        "platform_arn": opt("PlatformArn"),
        "solution_stack_name": opt("SolutionStackName"),
        "status": opt("Status"),
        "health": opt("Health"),
        "health_status": opt("HealthStatus"),
        "tier": opt("Tier.Name"),
    },
    details=(
        Call(
            operation="DescribeConfigurationSettings",
            params={
                "ApplicationName": item("ApplicationName"),
                "EnvironmentName": item("EnvironmentName"),
            },
            columns={
                "managed_actions_enabled": _option(
                    "aws:elasticbeanstalk:managedactions",
                    "ManagedActionsEnabled",
                    "Whether AWS updates the platform in a weekly window: `true` or `false`.",
                    "false",
                ),
                "managed_actions_update_level": _option(
                    "aws:elasticbeanstalk:managedactions:platformupdate",
                    "UpdateLevel",
                    "The highest update that is applied by itself: `patch` or `minor`.",
                    "",
                ),
                "health_reporting_system_type": _option(
                    "aws:elasticbeanstalk:healthreporting:system",
                    "SystemType",
                    "Health reporting: `basic` or `enhanced`.",
                    "basic",
                ),
                "stream_logs": _option(
                    "aws:elasticbeanstalk:cloudwatch:logs",
                    "StreamLogs",
                    "Whether instance logs are streamed to CloudWatch Logs: `true` or `false`.",
                    "false",
                ),
            },
        ),
        Call(
            operation="ListTagsForResource",
            params={"ResourceArn": item("EnvironmentArn")},
            columns={"tags": opt("ResourceTags")},
        ),
    ),
)
