"""What may not be read is unknown: a denied call never turns a failure into a pass."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from sharedline.collect.catalogue import shipped

REGION = "us-east-1"
PUBLIC = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}
OPEN = json.dumps(PUBLIC)


def build() -> None:
    """One neglected resource of each kind whose answers need a call of their own."""
    s3 = boto3.client("s3", region_name=REGION)
    s3.create_bucket(Bucket="open", ObjectOwnership="ObjectWriter")
    s3.put_bucket_acl(Bucket="open", ACL="public-read-write")
    body = {**PUBLIC["Statement"][0], "Action": "s3:*", "Resource": "arn:aws:s3:::open/*"}  # type: ignore[dict-item]
    s3.put_bucket_policy(
        Bucket="open", Policy=json.dumps({"Version": "2012-10-17", "Statement": [body]})
    )
    boto3.client("kms", region_name=REGION).create_key(Policy=OPEN)
    sqs = boto3.client("sqs", region_name=REGION)
    sqs.create_queue(QueueName="open", Attributes={"Policy": OPEN, "SqsManagedSseEnabled": "false"})
    boto3.client("sns", region_name=REGION).create_topic(Name="open", Attributes={"Policy": OPEN})
    secrets = boto3.client("secretsmanager", region_name=REGION)
    secret = secrets.create_secret(Name="open", SecretString="x")["ARN"]
    secrets.put_resource_policy(SecretId=secret, ResourcePolicy=OPEN)
    efs = boto3.client("efs", region_name=REGION)
    system = efs.create_file_system(CreationToken="a")["FileSystemId"]
    efs.put_file_system_policy(FileSystemId=system, Policy=OPEN)
    boto3.client("dynamodb", region_name=REGION).create_table(
        TableName="open",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


SERVICES = ("s3", "kms", "sqs", "sns", "secretsmanager", "efs", "dynamodb")
CHECKS = tuple(f"{service}/*" for service in SERVICES)


def details() -> tuple[str, ...]:
    return tuple(
        sorted(
            {
                f"{call.service or table.service}:{call.operation}"
                for table in shipped().values()
                if table.name.split("_")[0] in SERVICES
                for call in table.details
            }
        )
    )


def test_denied_details_make_answers_unknown_and_turn_none(verdicts: Callable[..., Any]) -> None:
    build()
    allowed = verdicts(*CHECKS)
    denied = verdicts(*CHECKS, denied=details())
    assert set(allowed) <= set(denied)
    turned = {k for k, ok in denied.items() if ok is not None and allowed.get(k) is not ok}
    assert turned == set()
    lost = {k[0] for k, ok in allowed.items() if ok is False and denied[k] is None}
    assert {
        "s3/bucket_not_publicly_readable",
        "s3/bucket_requires_tls",
        "kms/key_policy_not_public",
        "sqs/queue_policy_not_public",
        "sqs/queue_encrypted",
        "sns/topic_policy_not_public",
        "secretsmanager/secret_policy_not_public",
        "efs/file_system_policy_not_public",
        "dynamodb/table_point_in_time_recovery_on",
    } <= lost


@pytest.mark.parametrize(
    ("listing", "checks"),
    [
        ("s3:ListBuckets", "s3/bucket_*"),
        ("s3control:GetPublicAccessBlock", "s3/account_*"),
        ("kms:ListKeys", "kms/*"),
        ("kms:DescribeKey", "kms/*"),
        ("sqs:ListQueues", "sqs/*"),
        ("sns:ListTopics", "sns/*"),
        ("secretsmanager:ListSecrets", "secretsmanager/*"),
        ("efs:DescribeFileSystems", "efs/file_system_*"),
        ("dynamodb:ListTables", "dynamodb/*"),
        ("dynamodb:DescribeTable", "dynamodb/*"),
    ],
)
def test_a_denied_listing_leaves_no_met_answer(
    verdicts: Callable[..., Any], listing: str, checks: str
) -> None:
    build()
    found = verdicts(checks, denied=(listing,))
    assert found
    assert set(found.values()) == {None}
