"""Amazon EC2 compute: instances with their user data, images and interfaces; the defaults."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sharedline.collect.secret_patterns import secret_kinds_in_user_data
from sharedline.collect.table import Call, Table, col, item, opt, parent

_STOPPED = re.compile(r"\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:GMT|UTC)\)")
_REGION_ARN = "arn:{partition}:account:{region}:{account_id}:region/{region}"


def _instance(found: dict[str, Any], _: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """Adds when it stopped: AWS tells that only inside a sentence of `StateTransitionReason`."""
    match = _STOPPED.search(found.get("StateTransitionReason") or "")
    since = None
    if match and (found.get("State") or {}).get("Name") in ("stopping", "stopped"):
        since = datetime.strptime(match.group(1), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    yield {**found, "StoppedAt": since}


EC2_INSTANCE = Table(
    name="ec2_instance",
    service="ec2",
    arn="arn:{partition}:ec2:{region}:{account_id}:instance/{InstanceId}",
    list=Call(
        operation="DescribeInstances",
        items="Reservations[].Instances[]",
        # A terminated instance stays listed for an hour; it is no longer anybody's duty.
        # Instances that AWS services run in the account are hidden unless asked for.
        params={
            "IncludeManagedResources": True,
            "Filters": [
                {
                    "Name": "instance-state-name",
                    "Values": ["pending", "running", "stopping", "stopped"],
                }
            ],
        },
    ),
    transform=_instance,
    tags="Tags",
    columns={
        "instance_id": "InstanceId",
        "instance_type": "InstanceType",
        "image_id": "ImageId",
        "launch_time": "LaunchTime",
        "state": "State.Name",
        "stopped_at": col(
            "StoppedAt", "timestamp", "When it was stopped; NULL while it runs or AWS did not say."
        ),
        "platform": opt("Platform"),
        "platform_details": opt("PlatformDetails"),
        "architecture": opt("Architecture"),
        "virtualization_type": "VirtualizationType",
        "hypervisor": opt("Hypervisor"),
        "instance_lifecycle": opt("InstanceLifecycle"),
        "outpost_arn": opt("OutpostArn"),
        "key_name": opt("KeyName"),
        "iam_instance_profile_arn": opt("IamInstanceProfile.Arn"),
        "vpc_id": opt("VpcId"),
        "subnet_id": opt("SubnetId"),
        "availability_zone": opt("Placement.AvailabilityZone"),
        "tenancy": opt("Placement.Tenancy"),
        "private_ip_address": opt("PrivateIpAddress"),
        "public_ip_address": opt("PublicIpAddress"),
        "public_dns_name": opt("PublicDnsName"),
        "public_ips": col(
            "[PublicIpAddress, NetworkInterfaces[].Association.PublicIp,"
            " NetworkInterfaces[].PrivateIpAddresses[].Association.PublicIp][] | [?@]",
            "strings",
            "Every public IPv4 address of its interfaces.",
        ),
        "ipv6_addresses": "NetworkInterfaces[].Ipv6Addresses[].Ipv6Address",
        "security_group_ids": "SecurityGroups[].GroupId",
        "network_interface_count": col(
            "length(NetworkInterfaces || `[]`)", "int", "How many network interfaces it has."
        ),
        "volume_ids": "BlockDeviceMappings[].Ebs.VolumeId",
        "http_tokens": "MetadataOptions.HttpTokens",
        "http_endpoint": "MetadataOptions.HttpEndpoint",
        "http_put_response_hop_limit": "MetadataOptions.HttpPutResponseHopLimit",
        "instance_metadata_tags": opt("MetadataOptions.InstanceMetadataTags"),
        "monitoring_state": opt("Monitoring.State"),
        "source_dest_check": opt("SourceDestCheck", True),
        "operator_managed": opt("Operator.Managed"),
    },
)

EC2_INSTANCE_NETWORK_INTERFACE = Table(
    name="ec2_instance_network_interface",
    service="ec2",
    arn="",
    resource=False,
    source="ec2_instance",
    items="NetworkInterfaces[]",
    columns={
        "instance_id": parent("InstanceId"),
        "instance_state": parent("State.Name"),
        "network_interface_id": "NetworkInterfaceId",
        "vpc_id": opt("VpcId"),
        "subnet_id": opt("SubnetId"),
        "security_group_ids": "Groups[].GroupId",
        "public_ips": col(
            "[Association.PublicIp, PrivateIpAddresses[].Association.PublicIp][] | [?@]",
            "strings",
            "Its public IPv4 addresses.",
        ),
        "ipv6_addresses": "Ipv6Addresses[].Ipv6Address",
    },
    doc="The network interfaces of instances, from the same answer as the instances.",
)


def _user_data(found: dict[str, Any], _: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """Keeps what kinds of secret are in it, never the text: the lake must not hold secrets."""
    encoded = (found.get("UserData") or {}).get("Value") or ""
    kinds = ", ".join(secret_kinds_in_user_data(encoded))
    yield {"InstanceId": found.get("InstanceId"), "Length": len(encoded), "Found": kinds}


EC2_INSTANCE_USER_DATA = Table(
    name="ec2_instance_user_data",
    service="ec2",
    arn="arn:{partition}:ec2:{region}:{account_id}:instance/{InstanceId}",
    resource=False,
    parent="ec2_instance",
    list=Call(
        operation="DescribeInstanceAttribute",
        params={"InstanceId": parent("instance_id"), "Attribute": "userData"},
        # It ended between the listing and this call: there is nothing left to ask.
        absent={"InvalidInstanceID.NotFound": []},
    ),
    transform=_user_data,
    columns={
        "instance_id": col("InstanceId", "string", "The instance."),
        "user_data_length": col("Length", "int", "Length of the encoded user data; 0 for none."),
        "secrets_found": col(
            "Found", "string", "Kinds of secret found in it, never the secret; empty for none."
        ),
    },
    doc="What the user data of an instance holds that should be secret, without its text.",
)

EC2_INSTANCE_IMAGE = Table(
    name="ec2_instance_image",
    service="ec2",
    arn="arn:{partition}:ec2:{region}:{account_id}:instance/{InstanceId}",
    resource=False,
    # Answers for all instances at once, also where the image is deregistered or not shared with
    # the account any more, for which DescribeImages has only an error.
    list=Call(operation="DescribeInstanceImageMetadata", items="InstanceImageMetadata[]"),
    columns={
        "instance_id": "InstanceId",
        "image_id": "ImageMetadata.ImageId",
        "image_name": opt("ImageMetadata.Name"),
        "image_owner_id": opt("ImageMetadata.OwnerId"),
        "image_state": opt("ImageMetadata.State"),
        "image_creation_date": col(
            "ImageMetadata.CreationDate", "timestamp", "When the image was made."
        ),
        "image_deprecation_time": col(
            "ImageMetadata.DeprecationTime", "timestamp", "When the image is deprecated, if ever."
        ),
        "image_is_public": "ImageMetadata.IsPublic",
    },
    doc="The image that each instance was launched from.",
)

EC2_NETWORK_INTERFACE = Table(
    name="ec2_network_interface",
    service="ec2",
    arn="arn:{partition}:ec2:{region}:{account_id}:network-interface/{NetworkInterfaceId}",
    list=Call(
        operation="DescribeNetworkInterfaces",
        items="NetworkInterfaces[]",
        params={"IncludeManagedResources": True},
    ),
    tags="TagSet",
    columns={
        "network_interface_id": "NetworkInterfaceId",
        "interface_type": opt("InterfaceType", "interface"),
        "description": opt("Description"),
        "status": "Status",
        "instance_id": opt("Attachment.InstanceId"),
        "instance_owner_id": opt("Attachment.InstanceOwnerId"),
        "requester_id": opt("RequesterId"),
        "requester_managed": opt("RequesterManaged"),
        "vpc_id": opt("VpcId"),
        "subnet_id": opt("SubnetId"),
        "security_group_ids": "Groups[].GroupId",
        "source_dest_check": opt("SourceDestCheck", True),
        "public_ips": col(
            "[Association.PublicIp, PrivateIpAddresses[].Association.PublicIp][] | [?@]",
            "strings",
            "Its public IPv4 addresses.",
        ),
        "ipv6_addresses": "Ipv6Addresses[].Ipv6Address",
    },
)

EC2_NETWORK_INTERFACE_SECURITY_GROUP = Table(
    name="ec2_network_interface_security_group",
    service="ec2",
    arn="",
    resource=False,
    source="ec2_network_interface",
    items="Groups[]",
    columns={"group_id": "GroupId", "network_interface_id": parent("NetworkInterfaceId")},
    doc="Which network interface is in which security group, one row per pair.",
)

EC2_ADDRESS = Table(
    name="ec2_address",
    service="ec2",
    arn="arn:{partition}:ec2:{region}:{account_id}:elastic-ip/{AllocationId}",
    list=Call(operation="DescribeAddresses", items="Addresses[]"),
    tags="Tags",
    columns={
        "public_ip": "PublicIp",
        "allocation_id": opt("AllocationId"),
        "association_id": opt("AssociationId"),
        "instance_id": opt("InstanceId"),
        "network_interface_id": opt("NetworkInterfaceId"),
        "domain": opt("Domain"),
    },
)

EC2_IMAGE = Table(
    name="ec2_image",
    service="ec2",
    arn="arn:{partition}:ec2:{region}::image/{ImageId}",
    list=Call(
        operation="DescribeImages",
        items="Images[]",
        params={"Owners": ["self"], "IncludeDeprecated": True},
    ),
    tags="Tags",
    columns={
        "image_id": "ImageId",
        "name": opt("Name"),
        "owner_id": "OwnerId",
        "public": "Public",
        "state": opt("State"),
        "creation_date": col("CreationDate", "timestamp", "When the image was made."),
        "deprecation_time": col("DeprecationTime", "timestamp", "When it is deprecated, if ever."),
        "imds_support": opt("ImdsSupport"),
        "platform_details": opt("PlatformDetails"),
    },
    details=(
        Call(
            operation="DescribeImageAttribute",
            params={"ImageId": item("ImageId"), "Attribute": "launchPermission"},
            columns={
                "launchable_by_accounts": col(
                    "LaunchPermissions[].UserId", "strings", "The accounts that may launch it."
                ),
                "launchable_by_organizations": col(
                    "LaunchPermissions[].OrganizationArn || `[]`",
                    "strings",
                    "The organizations whose accounts may launch it.",
                ),
            },
            # Deregistered between the listing and this call: nobody can launch it any more.
            absent={"InvalidAMIID.NotFound": [], "InvalidAMIID.Unavailable": []},
        ),
    ),
)

EC2_INSTANCE_METADATA_DEFAULTS = Table(
    name="ec2_instance_metadata_defaults",
    service="ec2",
    arn=_REGION_ARN,
    resource=False,
    list=Call(operation="GetInstanceMetadataDefaults"),
    columns={
        "http_tokens": opt("AccountLevel.HttpTokens", "no-preference"),
        "http_put_response_hop_limit": opt("AccountLevel.HttpPutResponseHopLimit", -1),
        "http_endpoint": opt("AccountLevel.HttpEndpoint", "no-preference"),
        "instance_metadata_tags": opt("AccountLevel.InstanceMetadataTags", "no-preference"),
        "http_tokens_enforced": opt("AccountLevel.HttpTokensEnforced", "disabled"),
        "managed_by": opt("AccountLevel.ManagedBy"),
    },
    doc="The Region's instance metadata defaults; `no-preference` (hops: -1) where none is set.",
)

EC2_IMAGE_BLOCK_PUBLIC_ACCESS = Table(
    name="ec2_image_block_public_access",
    service="ec2",
    arn=_REGION_ARN,
    resource=False,
    list=Call(operation="GetImageBlockPublicAccessState"),
    columns={"state": "ImageBlockPublicAccessState", "managed_by": opt("ManagedBy")},
    doc="Whether the Region refuses to share the account's images with everyone.",
)
