"""Amazon S3: buckets, their access settings, the account-wide block, access points."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, col, context, item, opt

S3_BUCKET = Table(
    name="s3_bucket",
    service="s3",
    scope="global",
    arn="arn:{partition}:s3:::{Name}",
    list=Call(operation="ListBuckets", items="Buckets[]", action="s3:ListAllMyBuckets"),
    item_region="BucketRegion",
    columns={"name": "Name", "creation_date": "CreationDate"},
    details=(
        Call(
            operation="GetPublicAccessBlock",
            params={"Bucket": item("Name")},
            action="s3:GetBucketPublicAccessBlock",
            columns={
                "block_public_acls": "PublicAccessBlockConfiguration.BlockPublicAcls",
                "ignore_public_acls": "PublicAccessBlockConfiguration.IgnorePublicAcls",
                "block_public_policy": "PublicAccessBlockConfiguration.BlockPublicPolicy",
                "restrict_public_buckets": "PublicAccessBlockConfiguration.RestrictPublicBuckets",
            },
            absent={"NoSuchPublicAccessBlockConfiguration": False},
        ),
        Call(
            operation="GetBucketPolicy",
            params={"Bucket": item("Name")},
            columns={"policy": "Policy"},
            absent={"NoSuchBucketPolicy": ""},
        ),
        Call(
            operation="GetBucketVersioning",
            params={"Bucket": item("Name")},
            columns={
                "versioning_status": opt("Status"),
                "mfa_delete": opt("MFADelete"),
            },
        ),
        Call(
            operation="GetBucketTagging",
            params={"Bucket": item("Name")},
            columns={"tags": "TagSet"},
            absent={"NoSuchTagSet": {}},
        ),
    ),
)

S3_ACCOUNT_BLOCK = Table(
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
    columns={
        "block_public_acls": opt("BlockPublicAcls"),
        "ignore_public_acls": opt("IgnorePublicAcls"),
        "block_public_policy": opt("BlockPublicPolicy"),
        "restrict_public_buckets": opt("RestrictPublicBuckets"),
    },
)
