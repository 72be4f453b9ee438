"""A cell's one status and owner: worst first, and nothing met covers what is not."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sharedline.duties.matrix import AWS_OWNS, SEVERAL, Cell, _attested, as_row, scope_matches
from sharedline.model import NOBODY, Attestation, Status

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def cell(findings: Any = (), sides: Any = (), attested: bool = False, **owners: int) -> Cell:
    return Cell("s3", "data.exposure", Counter(dict(sides)), Counter(owners),
                Counter(dict(findings)), attested=attested)


MINE, THEIRS = {"customer": 2}, {"aws": 2}


@pytest.mark.parametrize(
    ("made", "status"),
    [
        (cell({"unmet": 1, "unknown": 1, "met": 9}, MINE), Status.UNMET),
        (cell({"unknown": 1, "met": 9, "waived": 1}, MINE, attested=True), Status.UNKNOWN),
        (cell({"waived": 1, "met": 9}, MINE), Status.WAIVED),
        (cell({"met": 9}, {"customer": 1, "unknown": 1}), Status.UNKNOWN),
        (cell({"met": 9}, MINE), Status.MET),
        (cell({}, MINE), Status.UNVERIFIED),
        (cell({}, MINE, attested=True), Status.MET),
        (cell({}, THEIRS), Status.INHERITED),
        (cell({}, {"aws": 1, "shared": 1}), Status.UNVERIFIED),
        (cell({}, {"aws": 1, "unknown": 1}, attested=True), Status.UNKNOWN),
        (cell({"unmet": 1}, THEIRS), Status.UNMET),
    ],
)
def test_the_worst_decides(made: Cell, status: Status) -> None:
    assert made.status is status


def test_one_owner_or_several_or_nobody() -> None:
    assert cell({}, MINE, data=2).owner == "data"
    assert cell({}, MINE, data=1, shop=1).owner == SEVERAL
    assert cell({}, MINE).owner == NOBODY
    assert cell({}, THEIRS).owner == AWS_OWNS


def test_an_attestation_in_force() -> None:
    made = cell({}, MINE)
    day = timedelta(days=1)

    def stated(duty: str = "data.exposure", scope: str = "*", at: Any = -day, until: Any = day) -> bool:
        return _attested(made, [Attestation(duty, scope, "", "e", "b", NOW + at, NOW + until)], NOW)

    assert stated()
    assert stated(scope="s3")
    assert not stated(scope="sqs")
    assert not stated(duty="identity.mfa")
    assert not stated(until=-day)
    assert not stated(until=timedelta())
    assert not stated(at=day, until=2 * day)


def test_scopes() -> None:
    given = {"service": "s3", "account": "1", "resource": "arn:aws:s3:::a"}
    for scope, matches in (("*", True), ("s3", True), ("1", True), ("arn:aws:s3:::*", True),
                           ("sqs", False), ("2", False), ("arn:aws:sqs:*", False)):
        assert scope_matches(scope, **given) is matches


def test_as_it_is_stored() -> None:
    import json

    row = as_row(cell({"unmet": 1}, MINE, data=2))
    assert (row["status"], row["owner"], row["resources"]) == ("unmet", "data", 2)
    detail = json.loads(row["detail"])
    assert detail["sides"] == {"aws": 0, "customer": 2, "shared": 0, "unknown": 0}
    assert detail["findings"] == {"met": 0, "unmet": 1, "unknown": 0, "waived": 0}
    assert row["source"].startswith("https://")
