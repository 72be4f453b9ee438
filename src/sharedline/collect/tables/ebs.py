"""Amazon EBS: volumes, snapshots and who may use them, the Region's defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sharedline.collect.table import Call, Table, item, lookup, opt

# Only KMS tells AWS's own key for EBS from one of the customer's: their ARNs look alike.
_MANAGER = lookup("kms_key", "key_manager", on="kms_key_id")
_REGION_ARN = "arn:{partition}:account:{region}:{account_id}:region/{region}"

EC2_VOLUME = Table(
    name="ec2_volume",
    service="ec2",
    arn="arn:{partition}:ec2:{region}:{account_id}:volume/{VolumeId}",
    list=Call(
        operation="DescribeVolumes",
        items="Volumes[]",
        params={"IncludeManagedResources": True},
    ),
    tags="Tags",
    columns={
        "volume_id": "VolumeId",
        "state": "State",
        "encrypted": "Encrypted",
        "kms_key_id": opt("KmsKeyId"),
        "kms_key_manager": _MANAGER,
        "snapshot_id": opt("SnapshotId"),
        "size": opt("Size"),
        "volume_type": opt("VolumeType"),
        "create_time": opt("CreateTime"),
        "availability_zone": opt("AvailabilityZone"),
        "outpost_arn": opt("OutpostArn"),
        "instance_ids": "Attachments[].InstanceId",
    },
)


def _own(snapshot: dict[str, Any], ctx: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """Only the account's own: some endpoints answer with everybody's public snapshots."""
    if snapshot.get("OwnerId", ctx["account_id"]) == ctx["account_id"]:
        yield snapshot


EC2_SNAPSHOT = Table(
    name="ec2_snapshot",
    service="ec2",
    transform=_own,
    arn="arn:{partition}:ec2:{region}::snapshot/{SnapshotId}",
    list=Call(operation="DescribeSnapshots", items="Snapshots[]", params={"OwnerIds": ["self"]}),
    tags="Tags",
    columns={
        "snapshot_id": "SnapshotId",
        "volume_id": opt("VolumeId"),
        "owner_id": opt("OwnerId"),
        "description": opt("Description"),
        "start_time": opt("StartTime"),
        "state": opt("State"),
        "storage_tier": opt("StorageTier", "standard"),
        "encrypted": "Encrypted",
        "kms_key_id": opt("KmsKeyId"),
        "kms_key_manager": _MANAGER,
    },
    details=(
        Call(
            operation="DescribeSnapshotAttribute",
            params={"SnapshotId": item("SnapshotId"), "Attribute": "createVolumePermission"},
            columns={
                "restorable_by_groups": "CreateVolumePermissions[].Group",
                "restorable_by_accounts": "CreateVolumePermissions[].UserId",
            },
            # Deleted between the listing and this call: nobody can restore it any more.
            absent={"InvalidSnapshot.NotFound": []},
        ),
    ),
)

EC2_EBS_DEFAULT_ENCRYPTION = Table(
    name="ec2_ebs_default_encryption",
    service="ec2",
    arn=_REGION_ARN,
    resource=False,
    list=Call(operation="GetEbsEncryptionByDefault"),
    columns={"ebs_encryption_by_default": "EbsEncryptionByDefault", "sse_type": opt("SseType")},
    doc="Whether new EBS volumes of the account are encrypted in this Region by themselves.",
)

EC2_EBS_DEFAULT_KMS_KEY = Table(
    name="ec2_ebs_default_kms_key",
    service="ec2",
    arn=_REGION_ARN,
    resource=False,
    list=Call(operation="GetEbsDefaultKmsKeyId"),
    columns={"kms_key_id": "KmsKeyId"},
    doc="The key that new encrypted EBS volumes use in this Region when none is named.",
)

EC2_SNAPSHOT_BLOCK_PUBLIC_ACCESS = Table(
    name="ec2_snapshot_block_public_access",
    service="ec2",
    arn=_REGION_ARN,
    resource=False,
    list=Call(operation="GetSnapshotBlockPublicAccessState"),
    columns={"state": "State", "managed_by": opt("ManagedBy")},
    doc="Whether the Region refuses to share the account's snapshots with everyone.",
)
