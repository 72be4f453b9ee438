"""Which filters of GuardDuty keep serious findings from people."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sharedline.derive.suppression import hides_high, run


@pytest.mark.parametrize(
    ("note", "criterion", "expected"),
    [
        ("below high", {"severity": {"LessThan": 7}}, False),
        ("up to 7 is high already", {"severity": {"LessThanOrEqual": 7}}, True),
        ("the older spelling", {"severity": {"Lt": 4}}, False),
        ("named severities", {"severity": {"Equals": ["2", "5"]}}, False),
        ("named severities with a high one", {"severity": {"Eq": ["2", "8"]}}, True),
        ("only the serious ones", {"severity": {"GreaterThanOrEqual": 7}}, True),
        ("everything", {}, True),
        ("an instance, any severity", {"resource.instanceDetails.tags": {"Equals": ["x"]}}, True),
        ("a kind that is never serious", {"type": {"Equals": ["Recon:EC2/Portscan"]}}, False),
        ("a serious kind", {"type": {"Equals": ["UnauthorizedAccess:EC2/TorClient"]}}, True),
        ("a kind that varies", {"type": {"Equals": ["Recon:EC2/PortProbeUnprotectedPort"]}}, True),
        ("a kind nobody knows", {"type": {"Equals": ["New:EC2/Thing"]}}, True),
        (
            "a serious kind, below high",
            {"type": {"Equals": ["UnauthorizedAccess:EC2/TorClient"]}, "severity": {"LessThan": 4}},
            False,
        ),
        ("an upper bound that is no number", {"severity": {"LessThan": "x"}}, None),
    ],
)
def test_archiving_filters(note: str, criterion: dict[str, Any], expected: bool | None) -> None:
    hides, why = hides_high("ARCHIVE", json.dumps({"Criterion": criterion}))
    assert hides is expected, note
    assert why


def test_a_saved_search_hides_nothing() -> None:
    assert hides_high("NOOP", "{}")[0] is False


def test_an_unreadable_filter_is_unknown() -> None:
    assert hides_high(None, None)[0] is None
    assert hides_high("ARCHIVE", "{")[0] is None


def test_rows_carry_the_filters_own_arn() -> None:
    row = {
        "arn": "x",
        "account_id": "1",
        "region": "r",
        "detector_arn": "arn:aws:guardduty:r:1:detector/d",
        "name": "quiet",
        "action": "ARCHIVE",
        "finding_criteria": "{}",
    }
    assert [r["arn"] for r in run({"guardduty_filter": [row]})] == [
        "arn:aws:guardduty:r:1:detector/d/filter/quiet"
    ]
