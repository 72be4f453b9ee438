"""A small estate under moto, scanned twice: hostile names, owners, a denial, waivers, a fix."""

from __future__ import annotations

import json
import os
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from moto import mock_aws

from sharedline import scan
from sharedline.inventory.lake import Lake
from sharedline.model import Attestation
from sharedline.project import open_project
from sharedline.results import Results
from sharedline.state import State

#: What a hostile tag, name or reason may carry: markup, quotes, a terminal escape, a direction
#: override, a formula, a line break.
HOSTILE = (
    "=cmd|'/c calc'!A0 <script>alert(1)</script> \"q\" 'q' \x1b[31mred\x1b[0m \u202egnp.exe | \n"
)
OWNERS = """
[team.platform]
person = "Ada <Example>"
contact = "ada@example.org"
[team.data]
person = "Grace Example"
contact = "+1 555 0100"
[[rule]]
team = "platform"
service = ["ec2", "vpc", "ebs", "sqs"]
[[rule]]
team = "data"
service = ["s3", "dynamodb"]
duty = ["data.*", "shared.*", "identity.*"]
"""
WAIVERS = """
[[waiver]]
check = "s3/bucket_versioning_on"
resource = "arn:aws:s3:::public-web"
reason = "Public site <b>rebuilt</b> daily"
approver = "Grace Example, CISO"
expires = 2099-01-31
[[waiver]]
check = "s3/bucket_access_logged"
reason = "Until the log bucket exists"
approver = "Ada Example"
expires = 2020-01-31
"""
CHECKS = ("s3/*", "sqs/*", "sns/*", "dynamodb/*", "kms/*", "cloudwatch/*")


def make(extra: int = 0) -> None:
    """Creates the resources; `extra` more buckets."""
    s3 = boto3.client("s3", region_name="us-east-1")
    for name in ("public-web", "ledger", "secret-plans", *(f"bulk-{n}" for n in range(extra))):
        s3.create_bucket(Bucket=name)
    tags = [{"Key": "note", "Value": '<script>alert("tag")</script>'}]
    s3.put_bucket_tagging(Bucket="ledger", Tagging={"TagSet": tags})
    policy = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::public-web/*"}]}
    s3.put_bucket_policy(Bucket="public-web", Policy=json.dumps(policy))
    boto3.client("sqs", region_name="us-east-1").create_queue(QueueName="orders")
    boto3.client("sns", region_name="us-east-1").create_topic(Name="alerts")
    boto3.client("dynamodb", region_name="us-east-1").create_table(
        TableName="prices",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    boto3.client("kms", region_name="us-east-1").create_key(
        Description=HOSTILE, Tags=[{"TagKey": "=note", "TagValue": HOSTILE}]
    )
    # An alarm's name may hold anything, and it is part of the ARN.
    boto3.client("cloudwatch", region_name="us-east-1").put_metric_alarm(
        AlarmName=HOSTILE, MetricName="m", Namespace="n", Period=60, EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="GreaterThanThreshold", Statistic="Sum",
    )


def deny(session: boto3.Session, *operations: str) -> None:
    """Makes AWS refuse the given operations (`s3.GetBucketPolicy`) in this session."""

    def refused(**_: Any) -> Any:
        class Answer:
            status_code = 403
            headers: dict[str, str] = {}  # noqa: RUF012

        body = {"Error": {"Code": "AccessDenied", "Message": HOSTILE},
                "ResponseMetadata": {"HTTPStatusCode": 403, "RequestId": "x", "HostId": "x",
                                     "HTTPHeaders": {}, "RetryAttempts": 0}}
        return Answer(), body

    for operation in operations:
        session._session.get_component("event_emitter").register_first(
            f"before-call.{operation}", refused
        )


def scanned(folder: Path, checks: tuple[str, ...] = CHECKS) -> Results:
    """Two scans of the estate; between them a bucket was fixed and two calls were forbidden."""
    (folder / "owners.toml").write_text(OWNERS)
    (folder / "waivers.toml").write_text(WAIVERS)
    with mock_aws():
        make()
        first = scan(session=boto3.Session(region_name="us-east-1"), regions=("us-east-1",),
                     checks=checks, folder=folder, processes=0)
        with closing(State(first.project.database_url)) as state:
            state.attest(Attestation(
                "data.classification", "s3", "Classified by hand <i>all</i>", HOSTILE,
                "Grace Example", datetime.now(UTC) - timedelta(days=1),
                datetime.now(UTC) + timedelta(days=90)))
        boto3.client("s3", region_name="us-east-1").put_bucket_versioning(
            Bucket="ledger", VersioningConfiguration={"Status": "Enabled"})
        session = boto3.Session(region_name="us-east-1")
        deny(session, "s3.GetBucketPolicy", "sqs.ListQueues")
        second = scan(session=session, regions=("us-east-1",), checks=checks, folder=folder,
                      processes=0)
    return second.results


def shared(base: Path) -> Results:
    """The scanned estate of a test run, made once and opened again by every folder of tests."""
    os.environ.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing")
    folder = base / "estate"
    if not folder.exists():
        folder.mkdir()
        return scanned(folder)
    project = open_project(folder)
    lake = Lake(project.lake_url)
    return Results(lake, lake.latest(), project)


def complete(folder: Path) -> Results:
    """One scan of one topic, nothing refused and nothing before it."""
    folder.mkdir(parents=True)
    with mock_aws():
        boto3.client("sns", region_name="us-east-1").create_topic(Name="alerts")
        found = scan(session=boto3.Session(region_name="us-east-1"), regions=("us-east-1",),
                     checks=("sns/*",), folder=folder, processes=0)
    assert not found.incomplete
    return found.results
