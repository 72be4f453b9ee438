"""Amazon S3: buckets, their access settings, the account-wide block, access points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sharedline.collect.table import Call, Table, col, context, item, opt

_GROUPS = (
    "(Grantee.URI=='http://acs.amazonaws.com/groups/global/AllUsers' || "
    "Grantee.URI=='http://acs.amazonaws.com/groups/global/AuthenticatedUsers')"
)
# The log delivery group is a service of AWS, not a user.
_USERS = "Grants[?Grantee.URI!='http://acs.amazonaws.com/groups/s3/LogDelivery']"
_WHO = "ID || URI || EmailAddress || 'unnamed'"
_BUCKET = {"Bucket": item("Name")}
_RULE = "ServerSideEncryptionConfiguration.Rules[0]"
_DEFAULT = f"{_RULE}.ApplyServerSideEncryptionByDefault"

S3_BUCKET = Table(
    name="s3_bucket",
    service="s3",
    scope="global",
    arn="arn:{partition}:s3:::{Name}",
    # S3 names each bucket's Region only where the request has a parameter.
    list=Call(
        operation="ListBuckets",
        items="Buckets[]",
        params={"MaxBuckets": 1000},
        action="s3:ListAllMyBuckets",
    ),
    item_region="BucketRegion",
    columns={"name": "Name", "creation_date": "CreationDate"},
    details=(
        Call(
            operation="GetPublicAccessBlock",
            params=_BUCKET,
            action="s3:GetBucketPublicAccessBlock",
            columns={
                "block_public_acls": opt("PublicAccessBlockConfiguration.BlockPublicAcls"),
                "ignore_public_acls": opt("PublicAccessBlockConfiguration.IgnorePublicAcls"),
                "block_public_policy": opt("PublicAccessBlockConfiguration.BlockPublicPolicy"),
                "restrict_public_buckets": opt(
                    "PublicAccessBlockConfiguration.RestrictPublicBuckets"
                ),
            },
            absent={"NoSuchPublicAccessBlockConfiguration": False},
        ),
        Call(
            operation="GetBucketPolicy",
            params=_BUCKET,
            columns={"policy": "Policy"},
            absent={"NoSuchBucketPolicy": ""},
        ),
        Call(
            operation="GetBucketPolicyStatus",
            params=_BUCKET,
            columns={"policy_status_is_public": "PolicyStatus.IsPublic"},
            absent={"NoSuchBucketPolicy": False},
        ),
        Call(
            operation="GetBucketAcl",
            params=_BUCKET,
            columns={
                "acl_public_permissions": col(
                    f"Grants[?{_GROUPS}].Permission",
                    "strings",
                    "What the access control list grants to everyone or to every AWS account.",
                ),
                "acl_owner_id": opt("Owner.ID"),
                "acl_grantees": col(
                    f"join(' ', ({_USERS} || `[]`)[].Grantee.[{_WHO}][])",
                    "string",
                    "Whom the access control list grants something; the owner is one of them.",
                ),
            },
        ),
        Call(
            operation="GetBucketOwnershipControls",
            params=_BUCKET,
            columns={
                "object_ownership": col(
                    "OwnershipControls.Rules[0].ObjectOwnership",
                    "string",
                    "`BucketOwnerEnforced` switches access control lists off.",
                )
            },
            absent={"OwnershipControlsNotFoundError": ""},
        ),
        Call(
            operation="GetBucketEncryption",
            params=_BUCKET,
            action="s3:GetEncryptionConfiguration",
            columns={
                "sse_algorithm": col(
                    f"{_DEFAULT}.SSEAlgorithm",
                    "string",
                    "The default encryption: `AES256`, `aws:kms` or `aws:kms:dsse`.",
                    default="",
                ),
                "kms_master_key_id": col(
                    f"{_DEFAULT}.KMSMasterKeyID",
                    "string",
                    "The KMS key of the default encryption; empty for the AWS managed key.",
                    default="",
                ),
                "bucket_key_enabled": col(
                    f"{_RULE}.BucketKeyEnabled",
                    "bool",
                    "Whether a bucket key saves calls to KMS.",
                    default=False,
                ),
            },
            absent={
                "ServerSideEncryptionConfigurationNotFoundError": {
                    "sse_algorithm": "",
                    "kms_master_key_id": "",
                    "bucket_key_enabled": False,
                }
            },
        ),
        Call(
            operation="GetBucketVersioning",
            params=_BUCKET,
            columns={"versioning_status": opt("Status"), "mfa_delete": opt("MFADelete")},
            absent={"EmptyAnswer": ""},  # it was never turned on
        ),
        Call(
            operation="GetBucketLogging",
            params=_BUCKET,
            columns={"logging_target_bucket": opt("LoggingEnabled.TargetBucket")},
            absent={"EmptyAnswer": ""},
        ),
        Call(
            operation="GetBucketLifecycleConfiguration",
            params=_BUCKET,
            action="s3:GetLifecycleConfiguration",
            columns={
                "has_lifecycle": col(
                    "length(Rules[?Status=='Enabled'] || `[]`) > `0`",
                    "bool",
                    "Whether an enabled lifecycle rule exists.",
                )
            },
            absent={"NoSuchLifecycleConfiguration": False},
        ),
        Call(
            operation="GetObjectLockConfiguration",
            params=_BUCKET,
            action="s3:GetBucketObjectLockConfiguration",
            columns={
                "object_lock_enabled": opt("ObjectLockConfiguration.ObjectLockEnabled"),
                "object_lock_default_mode": opt(
                    "ObjectLockConfiguration.Rule.DefaultRetention.Mode"
                ),
            },
            absent={"ObjectLockConfigurationNotFoundError": ""},
        ),
        Call(
            operation="GetBucketTagging",
            params=_BUCKET,
            columns={"tags": opt("TagSet")},
            absent={"NoSuchTagSet": {}},
        ),
    ),
)

_BLOCK = {
    "block_public_acls": "BlockPublicAcls",
    "ignore_public_acls": "IgnorePublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "restrict_public_buckets": "RestrictPublicBuckets",
}

S3_ACCOUNT_PUBLIC_ACCESS_BLOCK = Table(
    name="s3_account_public_access_block",
    service="s3control",
    scope="global",
    iam_prefix="s3",
    arn="arn:{partition}:iam::{account_id}:root",
    resource=False,
    list=Call(
        operation="GetPublicAccessBlock",
        params={"AccountId": context("account_id")},
        items="PublicAccessBlockConfiguration",
        action="s3:GetAccountPublicAccessBlock",
        absent={"NoSuchPublicAccessBlockConfiguration": {}},
    ),
    columns={name: opt(member) for name, member in _BLOCK.items()},
)


def _of_region(point: dict[str, Any], where: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """Leaves out points of other Regions.

    AWS lists an access point in its own Region. Endpoints that answer alike for every Region, as
    local emulators do, would have each point judged once per Region.
    """
    home = str(point.get("AccessPointArn", "")).split(":")[3:4]
    if home in ([], [""], [where["region"]]):
        yield point


_POINT = {"AccountId": context("account_id"), "Name": item("Name")}

S3_ACCESS_POINT = Table(
    name="s3_access_point",
    service="s3control",
    iam_prefix="s3",
    arn="{AccessPointArn}",
    list=Call(
        operation="ListAccessPoints",
        params={"AccountId": context("account_id")},
        items="AccessPointList[]",
    ),
    transform=_of_region,
    columns={
        "name": "Name",
        "bucket": "Bucket",
        "network_origin": "NetworkOrigin",
        "vpc_id": opt("VpcConfiguration.VpcId"),
        "bucket_account_id": opt("BucketAccountId"),
    },
    details=(
        Call(
            operation="GetAccessPoint",
            params=_POINT,
            columns={
                name: f"PublicAccessBlockConfiguration.{member}" for name, member in _BLOCK.items()
            },
        ),
        Call(
            operation="GetAccessPointPolicy",
            params=_POINT,
            columns={"policy": "Policy"},
            absent={"NoSuchAccessPointPolicy": ""},
        ),
    ),
)
