"""Calls: what each kind of failure becomes, how listings are paged, whose credentials are used."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import boto3
import botocore.exceptions
import botocore.session
import pytest
from moto import mock_aws

from sharedline.collect import clients
from sharedline.collect.clients import (
    Access,
    Caller,
    CallError,
    CredentialsError,
    StoppedError,
    frozen,
)

REGION = "us-east-1"


@pytest.fixture
def caller(monkeypatch: pytest.MonkeyPatch) -> Iterator[Caller]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield Caller(Access(rate_scale=1000.0), boto3.Session(region_name=REGION)._session)


def test_a_refusal_is_a_failure_with_awss_code(caller: Caller) -> None:
    with pytest.raises(CallError) as raised:
        caller.call("", REGION, "s3", "GetBucketPolicy", {"Bucket": "none"})
    failure = raised.value.failure
    assert (failure.call, failure.code) == ("s3:GetBucketPolicy", "NoSuchBucket")
    assert str(failure) == "s3:GetBucketPolicy NoSuchBucket"
    assert caller.counts[("s3", "GetBucketPolicy", REGION)] == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (botocore.exceptions.EndpointConnectionError(endpoint_url="x"), "EndpointConnectionError"),
        (botocore.exceptions.NoCredentialsError(), "NoCredentials"),
        (botocore.exceptions.ClientError({"ResponseMetadata": {"HTTPStatusCode": 503}}, "X"),
         "HTTP503"),
        (ValueError("no such member"), "ValueError"),
    ],
)
def test_every_kind_of_failure_is_of_one_call(
    caller: Caller, error: Exception, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = caller.client("", REGION, "sqs")

    def fails(**_: Any) -> None:
        raise error

    monkeypatch.setattr(client, "list_queues", fails)
    with pytest.raises(CallError) as raised:
        caller.call("", REGION, "sqs", "ListQueues", {})
    assert raised.value.failure.code == code
    assert raised.value.failure.call == "sqs:ListQueues"


@pytest.mark.parametrize(
    ("service", "operation", "told"),
    [
        ("ec2", "DescribeSecurityGroupRules", False),  # an empty list is an element in XML
        ("rds", "DescribeDBInstances", False),
        ("guardduty", "ListFindings", False),  # the model requires the list
        ("sqs", "ListQueues", True),  # without queues AWS leaves the list out
        ("s3", "GetBucketVersioning", True),
    ],
)
def test_an_empty_answer_is_none_only_where_aws_gives_one(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, service: str, operation: str, told: bool
) -> None:
    client = caller.client("", REGION, service)
    answer = {"ResponseMetadata": {"HTTPStatusCode": 200}}
    monkeypatch.setattr(client, botocore.xform_name(operation), lambda **_: answer)
    if told:
        assert caller.call("", REGION, service, operation, {}) == answer
        return
    with pytest.raises(CallError) as raised:
        caller.call("", REGION, service, operation, {})
    assert str(raised.value) == f"{service}:{operation} EmptyAnswer"


def test_a_client_that_cannot_be_made_is_a_failure(caller: Caller) -> None:
    for service, region in (("sqs", "no region"), ("nosuchservice", REGION)):
        with pytest.raises(CallError):
            caller.call("", region, service, "ListQueues", {})
        with pytest.raises(CallError):
            list(caller.pages("", region, service, "ListQueues", {}))


def test_a_client_is_made_once(caller: Caller) -> None:
    assert caller.client("", REGION, "sqs") is caller.client("", REGION, "sqs")
    assert caller.client("", REGION, "sqs") is not caller.client("", "eu-west-1", "sqs")


def test_all_pages_are_read(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def call(*given: Any) -> dict[str, Any]:
        asked.append(given[4])
        return {"QueueUrls": [str(len(asked))], "NextToken": "t" * len(asked)} if len(
            asked
        ) < 3 else {"QueueUrls": ["3"]}

    monkeypatch.setattr(caller, "call", call)
    pages = list(caller.pages("", REGION, "sqs", "ListQueues", {"QueueNamePrefix": "p"}))
    assert [p["QueueUrls"] for p in pages] == [["1"], ["2"], ["3"]]
    assert [a.get("NextToken") for a in asked] == [None, "t", "tt"]
    assert all(a["QueueNamePrefix"] == "p" for a in asked)


def test_ec2_is_asked_for_pages(caller: Caller) -> None:
    given, _ = clients._paging(caller.client("", REGION, "ec2"), "ec2", "DescribeVolumes")
    assert given == {"MaxResults": 1000}


def test_more_results_decide_where_a_token_is_always_given(caller: Caller) -> None:
    _, follow = clients._paging(caller.client("", REGION, "iam"), "iam", "ListUsers")
    assert follow({"Marker": "x", "IsTruncated": False}) == {}
    assert follow({"Marker": "x", "IsTruncated": True}) == {"Marker": "x"}


def test_nothing_is_asked_after_a_stop(caller: Caller) -> None:
    caller.stop = threading.Event()
    caller.stop.set()
    with pytest.raises(StoppedError):
        caller.call("", REGION, "sqs", "ListQueues", {})
    assert caller.counts.total() == 0


def test_a_members_role_is_assumed(caller: Caller) -> None:
    inside = Caller(
        Access(base_account="123456789012", role_name="Reader", rate_scale=1000.0),
        boto3.Session(region_name=REGION)._session,
    )
    home = inside.call("123456789012", REGION, "sts", "GetCallerIdentity", {})
    there = inside.call("210987654321", REGION, "sts", "GetCallerIdentity", {})
    assert home["Account"] == "123456789012"
    assert there["Account"] == "210987654321"
    assert ":assumed-role/Reader/sharedline" in there["Arn"]


def test_no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(CredentialsError, match="no AWS credentials"):
        frozen(botocore.session.Session())
