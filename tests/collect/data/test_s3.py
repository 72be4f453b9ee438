"""S3 from API to verdict: buckets good, bad and tricky, in an emulated account."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3

ON = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"


def arn(name: str) -> str:
    return f"arn:aws:s3:::{name}"


def policy(name: str, *statements: dict[str, Any]) -> str:
    filled = [{"Resource": [arn(name), f"{arn(name)}/*"], **s} for s in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": filled})


TLS = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
PUBLIC_READ = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
PUBLIC_WRITE = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["s3:PutObject"]}
PARTNER = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::999999999999:root"},
    "Action": ["s3:GetObject", "s3:PutBucketPolicy"],
}


def build() -> None:
    s3 = boto3.client("s3", region_name="us-east-1")
    for name in ("good", "bare", "reader", "writer", "acl", "shut", "partner"):
        s3.create_bucket(Bucket=name, ObjectOwnership="ObjectWriter")
    s3.put_public_access_block(Bucket="good", PublicAccessBlockConfiguration=ON)
    s3.put_bucket_policy(Bucket="good", Policy=policy("good", TLS))
    s3.put_bucket_versioning(Bucket="good", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_encryption(
        Bucket="good",
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
        },
    )
    s3.put_bucket_ownership_controls(
        Bucket="good", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    s3.put_bucket_policy(Bucket="reader", Policy=policy("reader", PUBLIC_READ))
    s3.put_bucket_policy(Bucket="writer", Policy=policy("writer", PUBLIC_WRITE))
    s3.put_bucket_acl(Bucket="acl", ACL="public-read")
    s3.put_bucket_policy(Bucket="shut", Policy=policy("shut", PUBLIC_READ))
    s3.put_public_access_block(Bucket="shut", PublicAccessBlockConfiguration=ON)
    s3.put_bucket_policy(Bucket="partner", Policy=policy("partner", PARTNER))
    s3.put_bucket_lifecycle_configuration(
        Bucket="partner",
        LifecycleConfiguration={
            "Rules": [{"ID": "a", "Status": "Enabled", "Prefix": "", "Expiration": {"Days": 9}}]
        },
    )


def test_each_bucket_gets_the_verdict_its_configuration_deserves(
    verdicts: Callable[..., Any],
) -> None:
    build()
    found = verdicts("s3/*")

    def failing(check: str) -> set[str]:
        return {r.rpartition(":")[2] for (c, r), ok in found.items() if c == check and ok is False}

    everything = {"good", "bare", "reader", "writer", "acl", "shut", "partner"}
    assert None not in found.values()
    assert failing("s3/bucket_level_public_access_blocked") == everything - {"good", "shut"}
    assert failing("s3/bucket_public_access_blocked") == everything - {"good", "shut"}
    assert failing("s3/bucket_not_publicly_readable") == {"reader", "acl"}
    assert failing("s3/bucket_not_publicly_writable") == {"writer"}
    assert failing("s3/bucket_policy_not_public") == {"reader", "writer", "shut"}
    assert failing("s3/bucket_acls_unused") == {"acl"}
    assert failing("s3/bucket_requires_tls") == everything - {"good"}
    assert failing("s3/bucket_versioning_on") == everything - {"good"}
    assert failing("s3/bucket_encrypted_with_kms") == everything - {"good"}
    assert failing("s3/bucket_lifecycle_configured") == everything - {"partner"}
    assert failing("s3/bucket_policy_keeps_control") == {"partner"}
    assert failing("s3/bucket_mfa_delete_on") == everything - {"partner"}
    assert ("s3/bucket_mfa_delete_on", arn("partner")) not in found


def test_the_accounts_block_closes_all_buckets(verdicts: Callable[..., Any]) -> None:
    build()
    boto3.client("s3control", region_name="us-east-1").put_public_access_block(
        AccountId="123456789012", PublicAccessBlockConfiguration=ON
    )
    found = verdicts("s3/*public*")
    root = "arn:aws:iam::123456789012:root"
    assert found["s3/account_public_access_blocked", root] is True
    for check in ("public_access_blocked", "not_publicly_readable", "not_publicly_writable"):
        answers = {ok for (c, _), ok in found.items() if c == f"s3/bucket_{check}"}
        assert answers == {True}
    assert found["s3/bucket_level_public_access_blocked", arn("bare")] is False


def test_access_points_are_judged_by_their_own_block(verdicts: Callable[..., Any]) -> None:
    build()
    control = boto3.client("s3control", region_name="us-east-1")
    for name, block in (("open", {**ON, "BlockPublicPolicy": False}), ("closed", ON)):
        control.create_access_point(
            AccountId="123456789012",
            Name=name,
            Bucket="good",
            PublicAccessBlockConfiguration=block,
        )
    found = verdicts("s3/access_point*")
    base = "arn:aws:s3:us-east-1:123456789012:accesspoint"
    check = "s3/access_point_public_access_blocked"
    assert found == {(check, f"{base}/open"): False, (check, f"{base}/closed"): True}
