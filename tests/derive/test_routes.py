"""The way of a finding from GuardDuty or Security Hub to a person."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sharedline.derive.base import Row
from sharedline.derive.event_pattern import matches
from sharedline.derive.routes import run

A, B = "111111111111", "222222222222"
TOPIC = f"arn:aws:sns:us-east-1:{A}:alerts"
LAMBDA = f"arn:aws:lambda:us-east-1:{A}:function:page"
HERE = {"account_id": A, "region": "us-east-1"}
GUARDDUTY = {"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}
HUB = {
    "source": ["aws.securityhub"],
    "detail-type": ["Security Hub Findings - Imported"],
    "detail": {"findings": {"Severity": {"Label": ["HIGH", "CRITICAL"]}}},
}


def _place(account: str, region: str = "us-east-1") -> Row:
    arn = f"arn:aws:account:{region}:{account}:region/{region}"
    return {"account_id": account, "region": region, "arn": arn}


def _rule(pattern: dict[str, Any], *targets: str, **more: Any) -> Row:
    row = {**HERE, "arn": "rule", "name": "r", "state": "ENABLED", "target_arns": list(targets)}
    return {**row, "event_pattern": json.dumps(pattern), **more}


def _detector(account: str = A, region: str = "us-east-1", admin: str = "") -> Row:
    arn = f"arn:aws:guardduty:{region}:{account}:detector/d"
    row = {"account_id": account, "region": region, "arn": arn, "status": "ENABLED"}
    return {**row, "administrator_account_id": admin}


def _answer(**tables: list[Row]) -> tuple[bool | None, str]:
    base: dict[str, list[Row]] = {
        "account_region": [_place(A)],
        "guardduty_detector": [_detector()],
        "sns_subscription": [{**HERE, "arn": TOPIC, "topic_arn": TOPIC, "confirmed": True}],
    }
    found = [r for r in run({**base, **tables}) if r["source"] == "guardduty"]
    assert found[0]["account_id"] == A
    return found[0]["reached"], found[0]["missing"]


@pytest.mark.parametrize(
    ("note", "rule", "expected", "says"),
    [
        ("to a topic", _rule(GUARDDUTY, TOPIC), True, ""),
        ("to a function", _rule(GUARDDUTY, LAMBDA), True, ""),
        ("disabled", _rule(GUARDDUTY, TOPIC, state="DISABLED"), False, "disabled"),
        ("without a target", _rule(GUARDDUTY), False, "no target"),
        ("to a log group only", _rule(GUARDDUTY, f"arn:aws:logs:us-east-1:{A}:log-group:x"), False,
         "keeps a copy"),
        ("to a topic nobody reads", _rule(GUARDDUTY, TOPIC + "2"), False, "no subscriber"),
        ("for other events", _rule({"source": ["aws.ec2"]}, TOPIC), False, "no rule matches"),
        ("a schedule", _rule({}, TOPIC, event_pattern=""), False, "no rule matches"),
        ("for low severities", _rule(
            {**GUARDDUTY, "detail": {"severity": [{"numeric": ["<", 4]}]}}, TOPIC),
         False, "no rule"),
        ("for high severities", _rule(
            {**GUARDDUTY, "detail": {"severity": [{"numeric": [">=", 7]}]}}, TOPIC), True, ""),
        ("by prefix", _rule({"source": [{"prefix": "aws.guard"}]}, TOPIC), True, ""),
        ("for one kind of findings", _rule(
            {**GUARDDUTY, "detail": {"type": [{"prefix": "Exfiltration:"}]}}, TOPIC),
         False, "no rule"),
        ("targets denied", _rule(GUARDDUTY, target_arns=None), None, "could not be read"),
        ("a form that is not known", _rule({"source": [{"cidr": "x"}]}, TOPIC), None, ""),
        ("to another account", _rule(
            GUARDDUTY, f"arn:aws:events:us-east-1:{B}:event-bus/default"), None, "not scanned"),
    ],
)  # fmt: skip
def test_one_rule(note: str, rule: Row, expected: bool | None, says: str) -> None:
    reached, missing = _answer(events_rule=[rule])
    assert reached is expected, (note, missing)
    assert says in missing, note


def test_no_rule() -> None:
    assert _answer(events_rule=[])[0] is False


def test_rules_that_could_not_be_listed_are_unknown() -> None:
    failed = [{**_place(A), "table_name": "events_rule", "status": "failed"}]
    assert _answer(events_rule=[], listing=failed)[0] is None


def test_security_hub_that_could_not_be_read_is_unknown() -> None:
    failed = [{**_place(A), "table_name": "securityhub_hub", "status": "failed"}]
    assert _answer(events_rule=[], listing=failed)[0] is None


def test_a_central_bus_is_followed() -> None:
    forward = _rule(GUARDDUTY, f"arn:aws:events:us-east-1:{B}:event-bus/default")
    central = {**_rule(GUARDDUTY, TOPIC), "account_id": B}
    places = [_place(A), _place(B)]
    assert _answer(account_region=places, events_rule=[forward, central])[0] is True
    assert _answer(account_region=places, events_rule=[forward])[0] is False


def test_two_buses_that_forward_to_each_other_end() -> None:
    here = _rule(GUARDDUTY, f"arn:aws:events:us-east-1:{A}:event-bus/default")
    assert _answer(events_rule=[here])[0] is None


def test_security_hub_carries_findings_of_guardduty() -> None:
    hub = [{**HERE, "arn": "hub"}]
    assert _answer(events_rule=[_rule(HUB, TOPIC)], securityhub_hub=hub)[0] is True
    assert _answer(events_rule=[_rule(HUB, TOPIC)])[0] is False


def test_security_hub_gathers_findings_in_one_region() -> None:
    tables: dict[str, list[Row]] = {
        "account_region": [_place(A), _place(A, "eu-west-1")],
        "guardduty_detector": [_detector(region="eu-west-1")],
        "securityhub_hub": [{**_place(A, "eu-west-1"), "arn": "h"}, {**HERE, "arn": "hub"}],
        "events_rule": [_rule(HUB, TOPIC)],
    }
    assert _answer(**tables)[0] is False
    gathered = [{**HERE, "arn": "aggregator"}]
    assert _answer(**tables, securityhub_finding_aggregator=gathered)[0] is True


def test_the_administrator_account_hears_for_its_members() -> None:
    theirs = {**_rule(GUARDDUTY, TOPIC), "account_id": B}
    tables: dict[str, list[Row]] = {
        "guardduty_detector": [_detector(admin=B), _detector(B)],
        "events_rule": [theirs],
    }
    assert _answer(**tables, account_region=[_place(A), _place(B)])[0] is True
    alone = {"guardduty_detector": [_detector(admin=B)], "events_rule": []}
    assert _answer(**alone)[0] is None


def test_a_suspended_detector_has_nothing_to_tell() -> None:
    rows = {
        "account_region": [_place(A)],
        "guardduty_detector": [_detector() | {"status": "DISABLED"}],
    }
    assert list(run(rows)) == []


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"a": ["x"]}, True),
        ({"a": ["y"]}, False),
        ({"a": ["x"], "n": [5]}, True),
        ({"n": [{"numeric": [">", 1, "<=", 5]}]}, True),
        ({"n": [{"numeric": [">", 5]}]}, False),
        ({"a": [{"anything-but": ["x"]}]}, False),
        ({"a": [{"anything-but": {"prefix": "z"}}]}, True),
        ({"z": [{"exists": False}]}, True),
        ({"a": [{"exists": False}]}, False),
        ({"a": [{"wildcard": "*"}]}, True),
        ({"a": [{"equals-ignore-case": "X"}]}, True),
        ({"a": [{"suffix": "x"}]}, True),
        ({"$or": [{"a": ["y"]}, {"n": [5]}]}, True),
        ({"many": {"b": ["2"]}}, True),
        ({"many": {"b": ["3"]}}, False),
        ({"a": "x"}, None),
    ],
)
def test_event_patterns(pattern: dict[str, Any], expected: bool | None) -> None:
    event = {"a": "x", "n": 5, "many": [{"b": "1"}, {"b": "2"}]}
    assert matches(json.dumps(pattern), event) is expected


def test_text_that_is_no_pattern() -> None:
    assert matches("{", {}) is None
    assert matches("[]", {}) is None
