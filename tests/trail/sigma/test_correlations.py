"""Correlations: counts, values, rules together and in order, within their time and groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from sharedline.trail.sigma import Detection, examples, load

BASE = """
title: Refused
name: refused
logsource: {product: aws, service: cloudtrail}
detection:
  s: {errorCode|contains: Denied}
  condition: s
---
title: Made
name: made
logsource: {product: aws, service: cloudtrail}
detection:
  s: {eventName|startswith: Create}
  condition: s
---
"""


def found(folder: Path, correlation: str, events: list[dict[str, Any]]) -> list[Detection]:
    """What one correlation over the two rules detects."""
    path = folder / "rule.yml"
    path.write_text(f"{BASE}title: Both\nid: 5a1c1b1e-0000-4000-8000-000000000001\n{correlation}")
    rules = load([path])
    assert not rules.problems, rules.problems
    return examples.over(rules, events)


def at(seconds: int, who: str | None = "alice", name: str = "Get", **more: Any) -> dict[str, Any]:
    """An event at so many seconds."""
    minute, second = divmod(seconds, 60)
    event: dict[str, Any] = {
        "eventTime": f"2026-11-02T10:{minute:02d}:{second:02d}Z",
        "eventID": f"{name}{seconds}",
        "eventName": name,
        "eventSource": "iam.amazonaws.com",
        "awsRegion": "us-east-1",
        "recipientAccountId": "111122223333",
        **more,
    }
    if who:
        event["userIdentity"] = {"arn": f"arn:aws:iam::111122223333:user/{who}"}
    return event


def denied(seconds: int, who: str | None = "alice", **more: Any) -> dict[str, Any]:
    """A refused call."""
    return at(seconds, who, errorCode="AccessDenied", **more)


COUNT = """correlation:
  type: event_count
  rules: refused
  group-by: [userIdentity.arn]
  timespan: 1m
  condition: {%s}
"""


@pytest.mark.parametrize(
    ("condition", "seconds", "events"),
    [
        ("gte: 3", [0, 30, 60], [3]),
        ("gte: 3", [0, 30, 61], []),
        ("gt: 3", [0, 10, 20], []),
        ("gt: 3", [0, 10, 20, 30], [4]),
        ("gte: 3", [0, 10, 20, 70, 80], [5]),
        ("gte: 3", [0, 10, 20, 200, 210, 220], [3, 3]),
        ("gte: 3", [0, 10, 20, 200, 210, 500, 510, 520], [3, 3]),
        ("eq: 3", [0, 10, 20], [3]),
        ("eq: 3", [0, 10, 20, 30], []),
        ("gte: 1", [5], [1]),
    ],
)
def test_events_are_counted_in_a_sliding_window(
    tmp_path: Path, condition: str, seconds: list[int], events: list[int]
) -> None:
    given = [denied(s) for s in seconds] + [at(s + 1) for s in seconds]
    detections = found(tmp_path, COUNT % condition, given)
    assert [d.count for d in detections] == events
    for one in detections:
        assert (one.name, one.title, one.outcome) == ("rule/3", "Both", "attempt")
        assert one.principal == "arn:aws:iam::111122223333:user/alice"
        assert len(one.events) == one.count
        assert f"{one.count} events (Get)" in one.summary


def test_groups_are_apart_and_an_event_without_the_field_is_in_none(tmp_path: Path) -> None:
    given = [denied(n, who) for n, who in enumerate(("alice", "bob", "alice", "bob", "alice"))]
    given += [denied(n, None) for n in range(10, 15)]
    [one] = found(tmp_path, COUNT % "gte: 3", given)
    assert (one.principal[-5:], one.events) == ("alice", ("Get0", "Get2", "Get4"))
    given += [denied(5, "bob")]
    assert {d.principal[-5:] for d in found(tmp_path, COUNT % "gte: 3", given)} == {
        "alice",
        "r/bob",
    }


def test_different_values_are_counted(tmp_path: Path) -> None:
    text = """correlation:
  type: value_count
  rules: refused
  group-by: [userIdentity.arn]
  timespan: 1m
  condition: {gte: 3, field: requestParameters.bucketName}
"""

    def reads(*buckets: str | None) -> list[dict[str, Any]]:
        return [
            denied(n * 10, requestParameters={"bucketName": b} if b else None)
            for n, b in enumerate(buckets)
        ]

    assert found(tmp_path, text, reads("a", "b", "a", "b", None)) == []
    [one] = found(tmp_path, text, reads("a", "b", "a", "c", None))
    assert (one.count, one.principal[-5:]) == (5, "alice")
    assert found(tmp_path, text, reads("a", "b", "b", "b", "b", "b", "b", "b", "c")) == []


TOGETHER = """correlation:
  type: %s
  rules: [refused, made]
  group-by: [userIdentity.arn]
  timespan: 1m
"""


@pytest.mark.parametrize(
    ("kind", "order", "fires"),
    [
        ("temporal", "rm", True),
        ("temporal", "mr", True),
        ("temporal", "rr", False),
        ("temporal", "r....m", True),
        ("temporal", "r.......m", False),
        ("temporal_ordered", "rm", True),
        ("temporal_ordered", "mr", False),
        ("temporal_ordered", "mrm", True),
        ("temporal_ordered", "r.......rm", True),
        ("temporal_ordered", "r.......m", False),
    ],
)
def test_rules_match_together_or_in_their_order(
    tmp_path: Path, kind: str, order: str, *, fires: bool
) -> None:
    make: dict[str, Callable[[int], dict[str, Any]]] = {
        "r": denied,
        "m": lambda s: at(s, name="CreateUser"),
    }
    given = [make[char](10 * n) for n, char in enumerate(order) if char != "."]
    detections = found(tmp_path, TOGETHER % kind, given)
    assert bool(detections) == fires
    if fires:
        assert {n.rstrip("0123456789") for n in detections[0].events} == {"Get", "CreateUser"}
        assert detections[0].outcome == "success"


def test_rules_of_different_people_are_not_together_and_names_may_be_aliased(
    tmp_path: Path,
) -> None:
    given = [
        denied(0, "alice", requestParameters={"userName": "carol"}),
        at(10, "bob", "CreateUser", sourceIPAddress="carol"),
    ]
    assert found(tmp_path, TOGETHER % "temporal", given) == []
    text = """correlation:
  type: temporal
  rules: [refused, made]
  group-by: [who]
  timespan: 1m
  aliases: {who: {refused: requestParameters.userName, made: sourceIPAddress}}
"""
    [one] = found(tmp_path, text, given)
    assert (one.count, one.principal) == (2, "")
    assert "2 principals" in one.summary
    text = (TOGETHER % "temporal").replace("  rules: [refused, made]\n", "").rstrip()
    joined = [denied(0), at(5, name="CreateUser")]
    [one] = found(tmp_path, f"{text}\n  condition: refused and made\n", joined)
    assert one.events == ("Get0", "CreateUser5")


def test_counted_rules_are_reported_only_when_they_are_to_be(tmp_path: Path) -> None:
    assert [d.title for d in found(tmp_path, COUNT % "gte: 9", [denied(0)])] == []
    text = (COUNT % "gte: 1").replace("  rules", "  generate: true\n  rules")
    assert sorted(d.title for d in found(tmp_path, text, [denied(0)])) == ["Both", "Refused"]


def test_a_rule_counted_by_two_correlations_keeps_their_keys_apart(tmp_path: Path) -> None:
    other = COUNT % "gte: 2"
    other = other.replace("[userIdentity.arn]", "[awsRegion, requestParameters.zone]")
    path = tmp_path / "rule.yml"
    path.write_text(f"{BASE}title: A\n{COUNT % 'gte: 2'}---\ntitle: B\n{other}")
    rules = load([path])

    def titles(*events: Mapping[str, Any]) -> list[str]:
        return sorted(d.title for d in examples.over(rules, events))

    assert titles(denied(0), denied(1)) == ["A"]
    zone = {"requestParameters": {"zone": ["z"]}}
    assert titles(denied(0, "x", **zone), denied(1, "y", **zone)) == ["B"]
    assert titles(denied(0, "x", **zone), denied(1, "x", **zone)) == ["A", "B"]


def test_an_episode_is_reported_once_however_long(tmp_path: Path) -> None:
    given = [denied(10 * n) for n in range(200)]
    [one] = found(tmp_path, COUNT % "gte: 3", given)
    assert one.count == 200
    assert f"{one.time:%H:%M:%S}" == "10:33:10"
