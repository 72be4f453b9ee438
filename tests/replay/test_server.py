"""The replaying server answers as recorded, and counts what the benchmark reports."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import botocore.exceptions
import botocore.session
import pytest
from bench.replay.recording import serving
from bench.replay.server import Request
from botocore.config import Config

BODY = "<ListQueuesResponse/>"


def client(url: str, service: str = "sqs", attempts: int = 1) -> Any:
    session = botocore.session.Session()
    session.set_credentials("AKIAIOSFODNN7EXAMPLE", "secret")
    config = Config(retries={"mode": "standard", "total_max_attempts": attempts})
    return session.create_client(service, region_name="eu-west-1", endpoint_url=url, config=config)


def key(operation: bytes, body: bytes) -> str:
    headers = {
        b"authorization": b"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/eu-west-1/"
                          b"sqs/aws4_request, SignedHeaders=host",
        b"x-amz-target": b"AmazonSQS." + operation,
    }
    return Request(b"POST", b"/", headers, body, b"").key


@pytest.fixture
def recording(tmp_path: Path) -> str:
    path = tmp_path / "answers.ndjson.gz"
    lines = [
        [key(b"ListQueues", b"{}"), 200, {"content-type": "application/x-amz-json-1.0"},
         '{"QueueUrls": ["https://sqs/1/a"]}'],
    ]
    with gzip.open(path, "wt") as stream:
        stream.writelines(json.dumps(line) + "\n" for line in lines)
    return str(path)


def test_a_recorded_answer_is_given_and_a_second_request_counts_as_made_twice(
    recording: str,
) -> None:
    with serving(recordings=[recording]) as server:
        sqs = client(server.url)
        assert sqs.list_queues()["QueueUrls"] == ["https://sqs/1/a"]
        assert server.ask("stats")["twice"] == {}
        sqs.list_queues()
        stats = server.ask("stats")
    assert stats["calls"] == 2
    assert stats["twice"] == {"AKIAIOSFODNN7EXAMPLE eu-west-1 sqs:ListQueues": 2}


def test_what_was_not_recorded_is_an_error_and_counted(recording: str) -> None:
    with serving(recordings=[recording]) as server:
        with pytest.raises(botocore.exceptions.ClientError, match="It was not recorded"):
            client(server.url).list_queues(QueueNamePrefix="b")
        with pytest.raises(botocore.exceptions.ClientError, match="It was not recorded"):
            client(server.url, "ec2").describe_vpcs()
        with pytest.raises(botocore.exceptions.ClientError, match="It was not recorded"):
            client(server.url, "s3").list_buckets()
        stats = server.ask("stats")
    assert stats["missed"] == 3


def test_beyond_the_limit_calls_are_throttled_and_a_retry_is_not_a_second_call(
    recording: str,
) -> None:
    with serving(recordings=[recording], limit=[0.01, 1]) as server:
        client(server.url).list_queues()
        with pytest.raises(botocore.exceptions.ClientError, match="Rate exceeded"):
            client(server.url).list_queues()
        stats = server.ask("stats")
    assert stats["throttled"] == 1
    assert stats["twice"] == {}


def test_a_large_account_is_paged_to_its_end(recording: str) -> None:
    session = botocore.session.Session()
    session.set_credentials("AKIAIOSFODNN7EXAMPLE", "secret")
    with serving(recordings=[recording], large=5000) as server:
        ec2 = session.create_client("ec2", region_name="us-east-1", endpoint_url=server.url)
        volumes = ec2.get_paginator("describe_volumes").paginate().build_full_result()["Volumes"]
        groups = ec2.get_paginator("describe_security_groups").paginate().build_full_result()
        faces = ec2.get_paginator("describe_network_interfaces").paginate().build_full_result()
    assert len({volume["VolumeId"] for volume in volumes}) == 3000
    assert len({group["GroupId"] for group in groups["SecurityGroups"]}) == 1000
    assert len({one["NetworkInterfaceId"] for one in faces["NetworkInterfaces"]}) == 1000
    assert volumes[2]["Attachments"][0]["InstanceId"] == f"i-{1:017x}"
