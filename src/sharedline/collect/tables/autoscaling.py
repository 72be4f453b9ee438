"""Amazon EC2 Auto Scaling: groups and the older launch configurations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sharedline.collect.secret_patterns import secret_kinds_in_user_data
from sharedline.collect.table import Call, Table, col, opt

AUTOSCALING_GROUP = Table(
    name="autoscaling_group",
    service="autoscaling",
    arn="{AutoScalingGroupARN}",
    list=Call(operation="DescribeAutoScalingGroups", items="AutoScalingGroups[]"),
    tags="Tags",
    columns={
        "auto_scaling_group_name": "AutoScalingGroupName",
        "created_time": opt("CreatedTime"),
        "launch_configuration_name": opt("LaunchConfigurationName"),
        "launch_template_id": col(
            "LaunchTemplate.LaunchTemplateId"
            " || MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateId",
            "string",
            "The launch template, also of a mixed instances policy; empty for none.",
            default="",
        ),
        "launch_template_version": col(
            "LaunchTemplate.Version"
            " || MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.Version",
            "string",
            "The version of the launch template; empty for the default version.",
            default="",
        ),
        "min_size": opt("MinSize"),
        "max_size": opt("MaxSize"),
        "desired_capacity": opt("DesiredCapacity"),
        "availability_zone_count": col(
            "length(AvailabilityZones || `[]`)", "int", "In how many zones it may launch."
        ),
        "health_check_type": opt("HealthCheckType", "EC2"),
        "is_behind_load_balancer": col(
            "length([LoadBalancerNames, TargetGroupARNs, TrafficSources][][] | [?@]) > `0`",
            "bool",
            "Whether a load balancer sends traffic to it.",
        ),
        "max_instance_lifetime": opt("MaxInstanceLifetime"),
        "instance_ids": "Instances[].InstanceId",
    },
)


def _configuration(found: dict[str, Any], _: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """Replaces the user data by the kinds of secret in it: the lake must not hold secrets."""
    data = found.get("UserData") or ""
    kinds = ", ".join(secret_kinds_in_user_data(data))
    yield {**found, "UserData": "", "Found": kinds}


AUTOSCALING_LAUNCH_CONFIGURATION = Table(
    name="autoscaling_launch_configuration",
    service="autoscaling",
    arn="{LaunchConfigurationARN}",
    list=Call(operation="DescribeLaunchConfigurations", items="LaunchConfigurations[]"),
    transform=_configuration,
    columns={
        "launch_configuration_name": "LaunchConfigurationName",
        "image_id": opt("ImageId"),
        "created_time": opt("CreatedTime"),
        "http_tokens": opt("MetadataOptions.HttpTokens"),
        "http_endpoint": opt("MetadataOptions.HttpEndpoint"),
        "http_put_response_hop_limit": opt("MetadataOptions.HttpPutResponseHopLimit"),
        "associate_public_ip_address": opt("AssociatePublicIpAddress"),
        "secrets_found": col(
            "Found", "string", "Kinds of secret in its user data, never the secret; or empty."
        ),
    },
)
