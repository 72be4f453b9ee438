"""Functional tests: events replayed until an owner is named, and sample findings of GuardDuty."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from sharedline.duties import owners
from sharedline.errors import Error
from sharedline.runbooks import library, samples
from sharedline.runbooks.model import Runbook
from sharedline.runbooks.people import People
from sharedline.runbooks.replay import detections_of, moved, replay, said

SHOP, TEST, NEW = "222233334444", "555566667777", "888899990000"
REGISTER = f"""
[team.shop]
person = "Nina"
contact = "nina@example.org"
[team.silent]
[[rule]]
team = "shop"
account = "{SHOP}"
service = "s3"
duty = "data.*"
[[rule]]
team = "silent"
account = "{TEST}"
"""
PUBLIC = library.load().get("public-bucket")


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    path = tmp_path / "owners.toml"
    path.write_text(REGISTER)
    made = People(owners.load(path), {})
    yield made
    made.close()


def test_each_detection_fires_in_each_account_and_names_its_owner(people: People) -> None:
    ticks = itertools.count(0, 0.25)
    found = replay(PUBLIC, (SHOP, TEST, NEW), people, lambda: next(ticks))
    names = ["policy/resource_made_public", "s3/bucket_made_public", "s3/public_access_unblocked"]
    assert sorted(detections_of(PUBLIC)) == names
    assert {(one.detection, one.account) for one in found} == set(
        itertools.product(names, (SHOP, TEST, NEW))
    )
    assert all(one.fired for one in found)
    assert all(one.seconds == 0.25 for one in found)
    by_account = {one.account: one for one in found if one.detection == "s3/bucket_made_public"}
    assert by_account[SHOP].plain() == {
        "runbook": "public-bucket",
        "detection": "s3/bucket_made_public",
        "case": "Everybody may read",
        "account": SHOP,
        "duty": "data.exposure",
        "fired": True,
        "owner": "shop",
        "person": "Nina",
        "contact": "nina@example.org",
        "seconds": 0.25,
        "ok": True,
        "reason": "",
    }
    assert by_account[TEST].reason == "silent names neither a person nor a contact"
    assert by_account[NEW].reason == "nobody owns the duty in this account"
    assert said(found) == (
        "functional: 3 detections replayed in 3 accounts, owner named within 0.2 s"
    )


def test_without_accounts_the_examples_own_is_taken(people: People) -> None:
    found = replay(PUBLIC, (), people)
    assert {one.account for one in found} == {"111122223333"}
    assert all(one.fired and one.seconds > 0 for one in found)


def test_a_silent_detection_is_said(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sharedline.runbooks.replay.over", lambda *_: [])
    found = replay(PUBLIC, (SHOP,), people)
    assert {one.reason for one in found} == {"the detection did not fire"}


def test_every_detection_of_the_starter_set_fires_elsewhere_too(people: People) -> None:
    named = {name for one in library.load().runbooks.values() for name in detections_of(one)}
    every = Runbook("all", "All", "data.exposure", "all.md", detections=tuple(sorted(named)))
    silent = [one.detection for one in replay(every, (SHOP,), people) if not one.fired]
    assert silent == []
    assert len(named) > 80


def test_events_move_with_all_that_speaks_of_their_account() -> None:
    event = {
        "recipientAccountId": "111122223333",
        "userIdentity": {"arn": "arn:aws:iam::111122223333:user/a", "accountId": "999988887777"},
        "number": 111122223333,
        "list": ["x111122223333y", "0111122223333"],
    }
    [there] = moved([event], SHOP)
    assert there["recipientAccountId"] == SHOP
    assert there["userIdentity"]["arn"] == f"arn:aws:iam::{SHOP}:user/a"
    assert there["userIdentity"]["accountId"] == "999988887777"
    assert there["number"] == 111122223333
    assert there["list"] == [f"x{SHOP}y", "0111122223333"]
    assert event["recipientAccountId"] == "111122223333"
    assert moved([event], "") == [event]


# -- sample findings -------------------------------------------------------------------------

OPENED, TOR = "Policy:S3/BucketPublicAccessGranted", "UnauthorizedAccess:S3/TorIPCaller"
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def guardduty(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client(
        "guardduty", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    with Stubber(client) as stub:
        yield client, stub
        stub.assert_no_pending_responses()


def answer(kind: str, title: str = "[SAMPLE] Something") -> dict[str, Any]:
    return {
        "AccountId": SHOP, "Arn": "arn:x", "CreatedAt": "x", "Id": "f", "Region": "eu-west-1",
        "Resource": {}, "SchemaVersion": "2.0", "Severity": 5.0, "Type": kind, "UpdatedAt": "x",
        "Title": title,
    }  # fmt: skip


def listed(
    stub: Stubber, types: list[str], ids: list[str], token: str = "", after: str = ""
) -> None:
    asked = {
        "DetectorId": "d",
        "MaxResults": 50,
        "FindingCriteria": {
            "Criterion": {
                "type": {"Equals": types},
                "updatedAt": {"GreaterThanOrEqual": int(NOW.timestamp() - 5) * 1000},
                "service.archived": {"Equals": ["false"]},
            }
        },
        **({"NextToken": after} if after else {}),
    }
    stub.add_response("list_findings", {"FindingIds": ids, "NextToken": token}, asked)


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def watch(self, seconds: float) -> samples.Watch:
        return samples.Watch(seconds, lambda: self.time, self.sleep, lambda: NOW)


def test_samples_are_written_in_batches_of_what_the_call_takes(
    guardduty: tuple[Any, Stubber],
) -> None:
    from sharedline.runbooks.guardduty import kinds

    client, stub = guardduty
    types = list(kinds())[:70]
    for batch in (types[:50], types[50:]):
        stub.add_response("create_sample_findings", {}, {"DetectorId": "d", "FindingTypes": batch})
    samples.create(client, "d", types)


@pytest.mark.parametrize(
    ("name", "why"),
    [("Backdoor:EC2/XORDDOS", "no longer makes"), ("Policy:S3/None", "has no type")],
)
def test_a_type_that_is_none_is_refused_before_anything_is_written(
    guardduty: tuple[Any, Stubber], name: str, why: str
) -> None:
    with pytest.raises(Error, match=why):
        samples.create(guardduty[0], "d", [OPENED, name])


def test_a_refusal_says_what_is_needed(guardduty: tuple[Any, Stubber]) -> None:
    client, stub = guardduty
    stub.add_client_error("create_sample_findings", "AccessDeniedException", "no", 403)
    with pytest.raises(Error) as refused:
        samples.create(client, "d", [OPENED])
    assert "AccessDeniedException" in refused.value.message
    assert "guardduty:CreateSampleFindings" in refused.value.advice


def test_the_time_to_the_owner_is_measured(guardduty: tuple[Any, Stubber], people: People) -> None:
    client, stub = guardduty
    both = sorted((OPENED, TOR))
    listed(stub, both, [])
    listed(stub, both, ["f"], token="more")
    got = {"DetectorId": "d", "FindingIds": ["f"]}
    # A real finding of the same type is not the sample.
    real = {**answer(OPENED, "A real one"), "AccountId": TEST}
    stub.add_response("get_findings", {"Findings": [real]}, got)
    listed(stub, both, ["f"], after="more")
    stub.add_response("get_findings", {"Findings": [answer(OPENED)]}, got)
    listed(stub, [TOR], [])
    expected = samples.expected(library.load(), [OPENED, TOR])
    found = samples.wait(client, "d", expected, people, Clock().watch(10))
    assert [one.plain() for one in found] == [
        {
            "type": OPENED,
            "runbooks": ["public-bucket"],
            "duty": "data.exposure",
            "account": SHOP,
            "region": "eu-west-1",
            "seconds": 5.0,
            "owner": "shop",
            "person": "Nina",
            "contact": "nina@example.org",
        },
        {
            "type": TOR,
            "runbooks": ["data-exfiltration"],
            "duty": "data.exposure",
            "account": "",
            "region": "",
            "seconds": None,
            "owner": "",
            "person": "",
            "contact": "",
        },
    ]


def test_looking_ends_though_the_pages_do_not(
    guardduty: tuple[Any, Stubber], people: People
) -> None:
    client, stub = guardduty
    for _ in range(20):
        stub.add_response(
            "list_findings", {"FindingIds": [], "NextToken": "again"},
            {"DetectorId": "d", "MaxResults": 50, "FindingCriteria": ANY}
            if not _ else
            {"DetectorId": "d", "MaxResults": 50, "FindingCriteria": ANY, "NextToken": "again"},
        )  # fmt: skip
    expected = samples.expected(library.load(), [OPENED])
    [one] = samples.wait(client, "d", expected, people, Clock().watch(0))
    assert one.seconds is None
