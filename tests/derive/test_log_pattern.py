"""Filter patterns of CloudWatch Logs are judged by what they match."""

from __future__ import annotations

from typing import Any

import pytest

from sharedline.derive.cis_events import event_sets
from sharedline.derive.log_pattern import like, matches

EVENT: dict[str, Any] = {
    "eventName": "ConsoleLogin",
    "eventSource": "signin.amazonaws.com",
    "readOnly": False,
    "count": 3,
    "items": [{"name": "a"}, {"name": "b"}],
    "gone": None,
    "userIdentity": {"type": "Root"},
}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{ $.eventName = ConsoleLogin }", True),
        ('{ $.eventName = "Console*" }', True),
        ('{ $.eventName = "*login" }', False),
        ("{ $.eventName != ConsoleLogin }", False),
        ("{ $.eventName = %Console(Login% }", None),
        ("{ $.eventName = %^Console% }", True),
        ("{($.eventName=Other)||($.eventName=ConsoleLogin)}", True),
        ('{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS }', True),
        ("{ $.userIdentity.type NOT EXISTS }", False),
        ("{ $.count > 2 && $.count <= 3 }", True),
        ("{ $.count < 3 }", False),
        ("{ $.items[1].name = b }", True),
        ("{ $.items[*].name = b }", True),
        ("{ $.items[0].name = b }", False),
        ("{ $.gone IS NULL }", True),
        ("{ $.readOnly IS FALSE }", True),
        ("{ $.readOnly = false }", True),
        ("{ $.absent = x }", False),
        ("{ $.absent != x }", None),
        ("{ $.eventName = Other && $.absent != x }", False),
        ("{ $.eventName ConsoleLogin }", None),
        ("{ ($.eventName = ConsoleLogin }", None),
        ("[ip, user, ...]", None),
        ("", True),
        ('" "', True),
        ("ConsoleLogin", True),
        ('ConsoleLogin -"signin.amazonaws.com"', False),
        ("?Nothing ?ConsoleLogin", True),
        ("ConsoleLogin Nothing", False),
    ],
)
def test_matches(pattern: str, expected: bool | None) -> None:
    assert matches(pattern, EVENT) is expected


def test_and_binds_tighter_than_or() -> None:
    pattern = "{ $.eventName = ConsoleLogin || $.eventName = Other && $.count = 99 }"
    assert matches(pattern, EVENT) is True


def test_a_hostile_wildcard_costs_nothing() -> None:
    assert like("a" * 5000, "*a" * 2000 + "b") is False


CIS = {
    "unauthorized-calls": (
        '{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}'
    ),
    "sign-in-without-mfa": (
        '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") '
        '&& ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }'
    ),
    "root-use": (
        '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS '
        '&& $.eventType != "AwsServiceEvent" }'
    ),
    "sign-in-failures": (
        '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }'
    ),
    "key-deletion": (
        "{($.eventSource = kms.amazonaws.com) && "
        "(($.eventName=DisableKey)||($.eventName=ScheduleKeyDeletion)) }"
    ),
    "cloudtrail-changes": (
        "{($.eventName=CreateTrail)||($.eventName=UpdateTrail)||($.eventName=DeleteTrail)"
        "||($.eventName=StartLogging)||($.eventName=StopLogging)}"
    ),
}


@pytest.mark.parametrize("name", sorted(CIS))
def test_the_benchmarks_own_patterns_match_every_event_of_their_set(name: str) -> None:
    missed = [e for e, event in event_sets()[name].items() if matches(CIS[name], event) is not True]
    assert missed == []


def test_no_set_is_matched_by_the_pattern_of_another() -> None:
    sets = event_sets()
    for name, pattern in CIS.items():
        for other, events in sets.items():
            if other != name and {name, other} != {"root-use", "sign-in-without-mfa"}:
                assert not all(matches(pattern, e) for e in events.values()), (name, other)
