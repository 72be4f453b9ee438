"""OCSF: the attributes that the class requires, its numbers, and the answers as its words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sharedline.formats import render
from sharedline.results import Results


@pytest.fixture(scope="module")
def events(results: Results) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads("".join(render("ocsf", results)))
    assert len(found) == len(results.rows())
    return found


def test_the_class_and_its_required_attributes(events: list[dict[str, Any]]) -> None:
    for e in events:
        assert (e["category_uid"], e["class_uid"]) == (2, 2003)
        assert e["type_uid"] == 200300 + e["activity_id"]
        assert e["activity_id"] in (1, 2, 3)
        assert e["metadata"]["version"] == "1.9.0"
        assert e["metadata"]["product"]["vendor_name"]
        assert e["finding_info"]["uid"]
        assert e["compliance"]["standards"]
        assert e["severity_id"] in (2, 3, 4, 5)
        # The cloud profile: who and where.
        assert e["cloud"]["provider"] == "AWS"
        assert e["cloud"]["account"]["type_id"] == 10
        assert len(e["cloud"]["account"]["uid"]) == 12


def test_times_are_milliseconds(events: list[dict[str, Any]], results: Results) -> None:
    as_of = int(results.manifest.as_of.timestamp() * 1000)
    assert {e["time"] for e in events} == {as_of}
    for e in events:
        seen = e["finding_info"].get("first_seen_time", as_of)
        assert isinstance(seen, int)
        assert 1_600_000_000_000 < seen <= as_of


def test_an_answer_is_pass_fail_or_warning(events: list[dict[str, Any]]) -> None:
    expected = {True: (1, "Pass"), False: (3, "Fail"), None: (2, "Warning")}
    for e in events:
        compliance = e["compliance"]
        assert (compliance["status_id"], compliance["status"]) == expected[e["unmapped"]["ok"]]
        assert compliance["checks"][0]["status_id"] == compliance["status_id"]
    assert {e["compliance"]["status_id"] for e in events} == {1, 2, 3}


def test_the_state_of_the_finding(events: list[dict[str, Any]]) -> None:
    by_status = {e["compliance"]["status_code"]: e for e in events}
    assert by_status["waived"]["status_id"] == 3
    assert by_status["met"]["status_id"] == 4
    assert by_status["unmet"]["status_id"] == by_status["unknown"]["status_id"] == 1
    fixed = next(e for e in events if e["unmapped"]["life"] == "verified")
    assert fixed["activity_name"] == "Close"


def test_requirements_name_framework_and_control(events: list[dict[str, Any]]) -> None:
    tls = next(e for e in events if e["compliance"]["control"] == "s3/bucket_requires_tls")
    named = tls["compliance"]["requirements"]
    assert "AWS Foundational Security Best Practices 1.0.0: S3.5" in named
    assert tls["unmapped"]["denied_call"] == "s3:GetBucketPolicy"
    assert tls["resources"][0]["type"] == "AwsS3Bucket"


def test_the_region_is_given_where_there_is_one(events: list[dict[str, Any]]) -> None:
    regions = {e["cloud"].get("region") for e in events}
    assert regions == {None, "us-east-1"}
