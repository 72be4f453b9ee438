"""EC2 launch templates: what their default version gives the instances launched from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sharedline.collect.secret_patterns import secret_kinds_in_user_data
from sharedline.collect.table import Call, Table, col, opt, parent

EC2_LAUNCH_TEMPLATE = Table(
    name="ec2_launch_template",
    service="ec2",
    arn="arn:{partition}:ec2:{region}:{account_id}:launch-template/{LaunchTemplateId}",
    list=Call(
        operation="DescribeLaunchTemplates",
        items="LaunchTemplates[]",
        params={"MaxResults": 200},
    ),
    tags="Tags",
    columns={
        "launch_template_id": "LaunchTemplateId",
        "launch_template_name": "LaunchTemplateName",
        "default_version_number": opt("DefaultVersionNumber"),
        "latest_version_number": opt("LatestVersionNumber"),
        "create_time": opt("CreateTime"),
    },
)


def _version(found: dict[str, Any], _: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """Replaces the user data by the kinds of secret in it: the lake must not hold secrets."""
    data = dict(found.get("LaunchTemplateData") or {})
    kinds = ", ".join(secret_kinds_in_user_data(data.pop("UserData", "") or ""))
    yield {**found, "LaunchTemplateData": data, "Found": kinds}


EC2_LAUNCH_TEMPLATE_VERSION = Table(
    name="ec2_launch_template_version",
    service="ec2",
    arn="arn:{partition}:ec2:{region}:{account_id}:launch-template/{LaunchTemplateId}",
    resource=False,
    parent="ec2_launch_template",
    list=Call(
        operation="DescribeLaunchTemplateVersions",
        items="LaunchTemplateVersions[]",
        params={
            "LaunchTemplateId": parent("launch_template_id"),
            "Versions": ["$Default"],
            "MaxResults": 200,
        },
    ),
    transform=_version,
    columns={
        "launch_template_id": "LaunchTemplateId",
        "version_number": "VersionNumber",
        "default_version": opt("DefaultVersion"),
        "image_id": opt("LaunchTemplateData.ImageId"),
        "http_tokens": opt("LaunchTemplateData.MetadataOptions.HttpTokens"),
        "http_endpoint": opt("LaunchTemplateData.MetadataOptions.HttpEndpoint"),
        "http_put_response_hop_limit": opt(
            "LaunchTemplateData.MetadataOptions.HttpPutResponseHopLimit"
        ),
        "assigns_public_ip": col(
            "contains(LaunchTemplateData.NetworkInterfaces[].AssociatePublicIpAddress || `[]`,"
            " `true`)",
            "bool",
            "Whether an interface of the template asks for a public IPv4 address.",
        ),
        "has_unencrypted_volume": col(
            "contains(LaunchTemplateData.BlockDeviceMappings[].Ebs.Encrypted || `[]`, `false`)",
            "bool",
            "Whether a volume of the template is set not to be encrypted.",
        ),
        "secrets_found": col(
            "Found", "string", "Kinds of secret in its user data, never the secret; or empty."
        ),
    },
    doc="The default version of each launch template.",
)
