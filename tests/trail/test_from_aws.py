"""Logs from S3 under an emulator, the place from a trail's description, LookupEvents."""

from __future__ import annotations

import gzip
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber
from moto import mock_aws

from sharedline.errors import Error
from sharedline.inventory.engines import Duck
from sharedline.inventory.lake import Lake
from sharedline.trail import lookup, place, store
from sharedline.trail.ingest import ingest
from sharedline.trail.sources import Aws

ACCOUNT = "123456789012"


def event(number: int, moment: str = "2026-11-01T10:00:00Z") -> dict[str, Any]:
    return {
        "eventID": str(uuid.UUID(int=number, version=4)),
        "eventTime": moment,
        "eventName": "GetObject",
        "eventSource": "s3.amazonaws.com",
        "recipientAccountId": ACCOUNT,
    }


def packed(*numbers: int) -> bytes:
    return gzip.compress(json.dumps({"Records": [event(n) for n in numbers]}).encode())


def count(lake: Lake) -> int:
    duck = Duck(lake)
    store.register(duck, lake)
    found: int = duck.query("select count(distinct eventid) as n from cloudtrail")["n"][0].as_py()
    return found


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="trail-logs")
        yield client


def key(day: str, name: str, kind: str = "CloudTrail", prefix: str = "") -> str:
    return f"{prefix}AWSLogs/{ACCOUNT}/{kind}/us-east-1/2026/11/{day}/{name}.json.gz"


def test_objects_below_a_prefix_are_read_once_and_others_left(s3: Any, tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    for number in range(30):
        s3.put_object(
            Bucket="trail-logs", Key=key("01", f"a{number}"), Body=packed(number, number + 1)
        )
    s3.put_object(Bucket="trail-logs", Key=key("01", "d", "CloudTrail-Digest"), Body=b"{}")
    s3.put_object(Bucket="trail-logs", Key=key("01", "v", "vpcflowlogs"), Body=b"no json")
    s3.put_object(Bucket="trail-logs", Key="AWSLogs2/x.json", Body=b"{}")
    s3.put_object(Bucket="trail-logs", Key="AWSLogs/", Body=b"")
    done = ingest(lake, ["s3://trail-logs/AWSLogs"], processes=0)
    assert (done.events, done.files, done.incomplete) == (31, 30, False)
    assert (done.skipped.digests, done.skipped.other_logs) == (1, 1)
    s3.put_object(Bucket="trail-logs", Key=key("02", "new"), Body=packed(99))
    s3.put_object(Bucket="trail-logs", Key=key("01", "a0"), Body=packed(0, 100))  # its etag changes
    done = ingest(lake, ["s3://trail-logs/AWSLogs/"], processes=0)
    assert (done.events, done.duplicates, done.skipped.known) == (2, 1, 29)
    one = ingest(lake, [f"s3://trail-logs/{key('02', 'new')}"], processes=0)
    assert one.skipped.known == 1
    assert count(lake) == 33


def test_an_object_that_is_refused_is_listed_and_tried_again(
    s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import botocore.client

    lake = Lake(str(tmp_path / "lake"))
    for number in range(3):
        s3.put_object(Bucket="trail-logs", Key=key("01", f"a{number}"), Body=packed(number))
    real = botocore.client.BaseClient._make_api_call

    def refuse(client: Any, operation: str, params: Any) -> Any:
        if operation == "GetObject" and params["Key"].endswith("a1.json.gz"):
            raise ClientError({"Error": {"Code": "AccessDenied"}}, operation)
        return real(client, operation, params)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", refuse)
    done = ingest(lake, ["s3://trail-logs"], processes=0)
    assert done.unread == [
        (f"s3://trail-logs/{key('01', 'a1')}", "it could not be read (AccessDenied)")
    ]
    assert done.incomplete
    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", real)
    done = ingest(lake, ["s3://trail-logs"], processes=0)
    assert (done.events, done.skipped.known, done.incomplete) == (1, 2, False)


def test_a_bucket_that_cannot_be_listed_is_an_error_with_advice(s3: Any, tmp_path: Path) -> None:
    with pytest.raises(Error, match=r"s3://nowhere/x cannot be listed \(NoSuchBucket\)"):
        ingest(Lake(str(tmp_path / "lake")), ["s3://nowhere/x"], processes=0)


def test_the_prefix_comes_from_the_trails_description(s3: Any, tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    trails = boto3.client("cloudtrail", region_name="us-east-1")
    trails.create_trail(Name="main", S3BucketName="trail-logs", S3KeyPrefix="audit/ct")
    for name in ("trail-logs", "main"):
        [found] = place.find(lake, name, Aws())
        assert found.url == "s3://trail-logs/audit/ct/AWSLogs"
    s3.put_object(Bucket="trail-logs", Key=key("01", "a", prefix="audit/ct/"), Body=packed(1))
    s3.put_object(Bucket="trail-logs", Key=key("01", "b"), Body=packed(2))
    assert ingest(lake, [found.url], processes=0).events == 1
    with pytest.raises(Error, match="No trail delivers to other"):
        place.find(lake, "other", Aws())


class Clock:
    """Time that passes only by sleeping, and what was slept."""

    def __init__(self) -> None:
        self.now, self.slept = 0.0, 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds

    def pace(self) -> lookup.Pace:
        return lookup.Pace(lambda: self.now, self.sleep)


def client() -> Any:
    return boto3.client(
        "cloudtrail", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )


def answer(numbers: range, moment: datetime, token: str = "") -> dict[str, Any]:
    when = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    events = [{"CloudTrailEvent": json.dumps(event(n, when), indent=1)} for n in numbers]
    return {"Events": events, **({"NextToken": token} if token else {})}


def test_a_window_is_paged_within_the_rate_and_throttling_is_waited_for() -> None:
    clock = Clock()
    aws = client()
    start = datetime(2026, 11, 1, tzinfo=UTC)
    window = lookup.Window("us-east-1", start, start + timedelta(days=1))
    asked = {"StartTime": start, "EndTime": ANY, "MaxResults": 50}
    with Stubber(aws) as stub:
        stub.add_response("lookup_events", answer(range(50), start, "t1"), asked)
        stub.add_client_error("lookup_events", "ThrottlingException")
        more = {**asked, "NextToken": "t1"}
        stub.add_response("lookup_events", answer(range(50, 70), start), more)
        pages = list(lookup.pages(aws, window, clock.pace()))
        stub.assert_no_pending_responses()
    assert [len(p.splitlines()) for p in pages] == [50, 20]
    assert clock.slept >= 2 / lookup.RATE


def test_the_windows_are_whole_days_newest_first() -> None:
    until = datetime(2026, 11, 3, 5, tzinfo=UTC)
    found = list(lookup.windows("r", datetime(2026, 11, 1, tzinfo=UTC), until))
    assert [(w.start.day, w.start.hour, w.end.day, w.end.hour) for w in found] == [
        (3, 0, 3, 5),
        (2, 0, 3, 0),
        (1, 0, 2, 0),
    ]


def test_lookup_resumes_by_window_and_asks_again_only_for_what_is_not_settled(
    tmp_path: Path,
) -> None:
    lake = Lake(str(tmp_path / "lake"))
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since = today - timedelta(days=3)
    asked: list[datetime] = []
    fail: list[datetime] = [today - timedelta(days=2)]

    class Service:
        def lookup_events(self, **given: Any) -> dict[str, Any]:
            start = given["StartTime"]
            asked.append(start)
            if start in fail:
                raise ClientError({"Error": {"Code": "AccessDenied"}}, "LookupEvents")
            number = (today - start).days * 10
            return answer(range(number, number + 2), start)

    def pull() -> Any:
        return lookup.lookup(
            lake,
            ["us-east-1"],
            account=ACCOUNT,
            client=lambda _: Service(),
            since=since,
            pace=Clock().pace,
        )

    done = pull()
    [(path, why)] = done.unread
    assert path == f"lookup://{ACCOUNT}/us-east-1/{today - timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}"
    assert why.startswith("LookupEvents failed (AccessDenied)")
    # A pull in the first seconds of a day has no window of that day yet.
    new = {today, today - timedelta(days=1)} & set(asked)
    assert done.events == 2 * len(new)
    fail.clear()
    asked.clear()
    done = pull()
    assert not done.incomplete
    assert today - timedelta(days=3) in asked
    assert done.events == 4
    settled = datetime.now(UTC) - today > lookup._SETTLED
    if settled:
        assert today - timedelta(days=1) not in asked
    assert count(lake) == 8
