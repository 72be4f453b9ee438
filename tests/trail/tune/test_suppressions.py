"""What hides findings, and which of it is too broad: criteria as AWS reads them, in three values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharedline.trail.tune import criteria
from sharedline.trail.tune.suppressions import Suppression, judge, worst

NOW = datetime(2026, 11, 20, tzinfo=UTC)
HOME = {"account_id": "111122223333", "region": "eu-central-1"}
DETECTOR = "arn:aws:guardduty:eu-central-1:111122223333:detector/d"
Tables = dict[str, list[dict[str, Any]]]


def finding(number: int, severity: float, kind: str = "Recon:EC2/Portscan") -> dict[str, Any]:
    return {
        **HOME,
        "arn": f"{DETECTOR}/finding/f{number}",
        "detector_id": "d",
        "finding_account_id": "111122223333",
        "type": kind,
        "severity": severity,
        "created_at": NOW - timedelta(days=number),
        "updated_at": NOW,
        "finding_count": number,
        "resource_type": "Instance",
    }


FINDINGS = [
    finding(1, 2.0),
    finding(2, 5.0),
    finding(3, 8.0, "UnauthorizedAccess:EC2/SSHBruteForce"),
    finding(4, 7.5, "CryptoCurrency:EC2/BitcoinTool.B!DNS"),
    finding(5, 9.5, "Impact:S3/AnomalousBehavior.Delete"),
]


def filters(action: str | None, **criterion: Any) -> Suppression:
    row = {
        **HOME,
        "detector_arn": DETECTOR,
        "detector_id": "d",
        "name": "quiet",
        "action": action,
        "finding_criteria": json.dumps({"Criterion": criterion}),
    }
    tables: Tables = {"guardduty_filter": [row], "guardduty_finding": FINDINGS}
    [found] = judge(lambda name: tables.get(name, []), NOW)
    return found


def verdict(found: Suppression) -> tuple[str, dict[str, int], dict[str, int]]:
    return found.verdict, dict(found.hides), dict(found.may_hide)


def test_a_filter_of_low_severity_is_narrow() -> None:
    found = filters("ARCHIVE", severity={"Lt": 4})
    assert verdict(found) == ("narrow", {"low": 1}, {})
    assert found.findings == (f"{DETECTOR}/finding/f1",)
    assert found.reason == "it hides 1 of the 5 findings, none of them grave"


def test_a_filter_without_a_limit_hides_all() -> None:
    found = filters("ARCHIVE", accountId={"Eq": ["111122223333"]})
    assert verdict(found) == ("too broad", {"critical": 1, "high": 2, "medium": 1, "low": 1}, {})
    assert found.reason == "it hides 1 critical and 2 high findings"
    # The gravest are named first.
    assert [f[-2:] for f in found.findings] == ["f5", "f3", "f4", "f2", "f1"]


def test_a_filter_without_a_limit_is_too_broad_before_it_hides_anything() -> None:
    found = filters("ARCHIVE", accountId={"Eq": ["999999999999"]})
    assert verdict(found) == ("too broad", {}, {})
    assert "no kind, resource or severity" in found.reason


def test_what_leaves_one_kind_out_is_no_limit() -> None:
    kinds = ["UnauthorizedAccess:EC2/SSHBruteForce", "CryptoCurrency:EC2/BitcoinTool.B!DNS"]
    found = filters("ARCHIVE", type={"NotEquals": [*kinds, FINDINGS[4]["type"]]})
    assert verdict(found)[:2] == ("too broad", {"medium": 1, "low": 1})


def test_a_criterion_that_the_scan_does_not_hold_is_unknown() -> None:
    found = filters("ARCHIVE", **{"resource.instanceDetails.instanceId": {"Eq": ["i-1"]}})
    assert verdict(found) == (
        "unknown",
        {},
        {"critical": 1, "high": 2, "medium": 1, "low": 1},
    )
    # With a kind that none has it is certain that nothing is hidden.
    more = {"type": {"Eq": ["Recon:EC2/PortProbe"]}, "resource.instanceDetails.imageId": {"Eq": []}}
    assert verdict(filters("ARCHIVE", **more)) == ("narrow", {}, {})


def test_a_saved_filter_hides_nothing() -> None:
    assert verdict(filters("NOOP", severity={"Gte": 1})) == ("hides nothing", {}, {})
    assert verdict(filters(None)) == ("unknown", {}, {})


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({"severity": {"Eq": ["7", "8"]}}, [3, 4]),
        ({"severity": {"Equals": ["8"]}}, [3]),
        ({"severity": {"Neq": ["2"]}}, [2, 3, 4, 5]),
        ({"severity": {"Gt": 5}}, [3, 4, 5]),
        ({"severity": {"GreaterThanOrEqual": 5, "LessThan": 8}}, [2, 4]),
        ({"severity": {"Gte": 5, "Lte": 8}, "type": {"Eq": ["Recon:EC2/Portscan"]}}, [2]),
        ({"type": {"Eq": ["Recon:EC2/Portscan", "Impact:S3/AnomalousBehavior.Delete"]}}, [1, 2, 5]),
        ({"type": {"Matches": ["*:EC2/*"]}}, [1, 2, 3, 4]),
        ({"type": {"NotMatches": ["*:EC2/*"]}}, [5]),
        ({"id": {"Eq": ["f4"]}}, [4]),
        ({"createdAt": {"Gte": int((NOW - timedelta(days=2)).timestamp() * 1000)}}, [1, 2]),
        ({"region": {"Eq": ["eu-central-1"]}, "service.count": {"Lt": 2}}, [1]),
        ({"resource.resourceType": {"NotEquals": ["Instance"]}}, []),
        ({"service.archived": {"Eq": ["false"]}, "severity": {"Lt": 4}}, [1]),
    ],
)
def test_criteria_of_guardduty(asked: Mapping[str, Any], numbers: list[int]) -> None:
    found = filters("ARCHIVE", **asked)
    assert sorted(int(f[-1]) for f in found.findings) == numbers
    assert found.may_hide == {}


HUB = "arn:aws:securityhub:eu-central-1:111122223333:"


def hub_finding(number: int, label: str, title: str, **more: Any) -> dict[str, Any]:
    return {
        **HOME,
        "arn": f"{HUB}finding/{number}",
        "title": title,
        "product_name": "Security Hub",
        "generator_id": f"security-control/S3.{number}",
        "severity_label": label,
        "workflow_status": "NEW",
        "record_state": "ACTIVE",
        "created_at": NOW - timedelta(days=10 * number),
        "updated_at": NOW,
        "resource_id": f"arn:aws:s3:::bucket-{number}",
        **more,
    }


HUB_FINDINGS = [
    hub_finding(1, "CRITICAL", "Buckets are public"),
    hub_finding(2, "HIGH", "Lambda functions are old"),
    hub_finding(3, "MEDIUM", "Buckets have no logs"),
]


def text(value: str, comparison: str = "EQUALS") -> dict[str, str]:
    return {"Value": value, "Comparison": comparison}


def rules(status: str = "SUPPRESSED", on: str = "ENABLED", **asked: Any) -> Suppression:
    row = {
        **HOME,
        "arn": f"{HUB}automation-rule/r",
        "rule_name": "quiet",
        "rule_status": on,
        "criteria": json.dumps(asked),
        "sets_workflow_status": status,
        "sets_severity_label": "",
    }
    tables: Tables = {"securityhub_automation_rule": [row], "securityhub_finding": HUB_FINDINGS}
    [found] = judge(lambda name: tables.get(name, []), NOW)
    return found


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({"Title": [text("Buckets", "PREFIX")]}, [1, 3]),
        ({"Title": [text("public", "CONTAINS"), text("old", "CONTAINS")]}, [1, 2]),
        ({"Title": [text("lambda", "CONTAINS_WORD")]}, [2]),
        ({"Title": [text("lambda", "CONTAINS")]}, []),
        ({"Title": [text("Buckets are public", "NOT_EQUALS")]}, [2, 3]),
        ({"Title": [text("public", "NOT_CONTAINS"), text("logs", "NOT_CONTAINS")]}, [2]),
        ({"Title": [text("Buckets", "PREFIX_NOT_EQUALS")]}, [2]),
        (
            {"Title": [text("Buckets", "PREFIX"), text("Buckets have no logs", "NOT_EQUALS")]},
            [1],
        ),
        ({"SeverityLabel": [text("HIGH"), text("MEDIUM")], "ProductName": [text("Other")]}, []),
        ({"CreatedAt": [{"DateRange": {"Value": 15, "Unit": "DAYS"}}]}, [1]),
        ({"CreatedAt": [{"Start": "2026-10-30T00:00:00Z", "End": "2026-11-05T00:00:00Z"}]}, [2]),
        ({"ResourceId": [text("arn:aws:s3:::bucket-3")]}, [3]),
        ({"GeneratorId": [text("security-control/S3.2")], "Title": []}, [2]),
    ],
)
def test_criteria_of_security_hub(asked: Mapping[str, Any], numbers: list[int]) -> None:
    assert sorted(int(f[-1]) for f in rules(**asked).findings) == numbers


def test_a_rule_that_hides_grave_findings_is_too_broad() -> None:
    found = rules(Title=[text("Buckets", "PREFIX")])
    assert verdict(found) == ("too broad", {"critical": 1, "medium": 1}, {})
    assert found.reason == "it hides 1 critical finding"


def test_a_rule_about_nothing_is_too_broad() -> None:
    found = rules(ProductName=[text("Other product")])
    assert verdict(found) == ("too broad", {}, {})
    assert "no control, kind or resource" in found.reason
    low = rules(ProductName=[text("Other")], SeverityLabel=[text("LOW"), text("INFORMATIONAL")])
    assert low.verdict == "narrow"


def test_other_resources_of_a_finding_may_match() -> None:
    found = rules(ResourceId=[text("arn:aws:s3:::elsewhere")])
    assert verdict(found) == ("unknown", {}, {"critical": 1, "high": 1, "medium": 1})
    assert rules(ComplianceStatus=[text("FAILED")], Title=[text("none")]).verdict == "narrow"


def test_a_rule_that_is_off_hides_nothing_yet() -> None:
    found = rules(on="DISABLED", Title=[text("Buckets", "PREFIX")])
    assert found.verdict == "hides nothing"
    assert found.reason == "it is off; it would hide 1 critical finding"
    assert rules(status="NOTIFIED").reason == "it takes nothing out of sight"


def test_the_broadest_comes_first() -> None:
    filtered = {**HOME, "detector_arn": DETECTOR, "detector_id": "d", "action": "ARCHIVE"}
    tables: Tables = {
        "guardduty_filter": [
            {**filtered, "name": "a", "finding_criteria": '{"Criterion":{"id":{"Eq":["x"]}}}'},
            {**filtered, "name": "b", "finding_criteria": "{}"},
            {**filtered, "name": "c", "finding_criteria": "{not"},
        ],
    }
    found = judge(lambda name: tables.get(name, []), NOW)
    assert [(f.name, f.verdict) for f in found] == [
        ("b", "too broad"),
        ("c", "unknown"),
        ("a", "narrow"),
    ]


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
_NAMES = st.sampled_from(["severity", "type", "createdAt", "Title", "CreatedAt", "ResourceId", "x"])
_KINDS = st.sampled_from(["Eq", "Neq", "Gt", "Lte", "Matches", "Value", "Comparison", "Start"])


@given(st.dictionaries(_NAMES, _JSON | st.dictionaries(_KINDS, _JSON) | st.lists(_JSON)))
def test_no_criteria_stop_it(asked: dict[str, Any]) -> None:
    assert criteria.guardduty(asked, FINDINGS[0]) in (True, False, None)
    assert criteria.securityhub(asked, HUB_FINDINGS[0], NOW) in (True, False, None)


def test_the_worst_verdict_counts() -> None:
    assert worst(judge(lambda _: [], NOW)) == ""
    assert worst([filters("NOOP")]) == ""
    assert worst([filters(None), filters("ARCHIVE", accountId={"Eq": ["1"]})]) == "too broad"
