"""The chain from trail to person: each link that lacks is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sharedline.derive.alarms import run
from sharedline.derive.base import Row

A, B = "111111111111", "222222222222"
GROUP = f"arn:aws:logs:us-east-1:{A}:log-group:trail"
TOPIC = f"arn:aws:sns:us-east-1:{A}:alerts"
HERE = {"account_id": A, "region": "us-east-1"}
PATTERN = (
    "{($.eventName=CreateTrail)||($.eventName=UpdateTrail)||($.eventName=DeleteTrail)"
    "||($.eventName=StartLogging)||($.eventName=StopLogging)}"
)


def _estate(**more: Any) -> dict[str, list[Row]]:
    """An account where changes of CloudTrail reach a person; `more` replaces tables."""
    tables: dict[str, list[Row]] = {
        "account_region": [{**HERE, "arn": f"arn:aws:account:us-east-1:{A}:region/us-east-1"}],
        "listing": [],
        "cloudtrail_trail": [
            {
                **HERE,
                "arn": f"arn:aws:cloudtrail:us-east-1:{A}:trail/main",
                "name": "main",
                "home_region": "us-east-1",
                "s3_bucket_name": "audit",
                "is_multi_region_trail": True,
                "is_organization_trail": False,
                "cloud_watch_logs_log_group_arn": GROUP + ":*",
                "is_logging": True,
                "event_selectors": "[]",
                "advanced_event_selectors": "[]",
            }
        ],
        "cloudwatch_metric_filter": [_filter()],
        "cloudwatch_alarm": [_alarm()],
        "sns_subscription": [{**HERE, "arn": TOPIC, "topic_arn": TOPIC, "confirmed": True}],
    }
    return {**tables, **more}


def _filter(**more: Any) -> Row:
    made = [{"metricName": "trail", "metricNamespace": "Audit", "metricValue": "1"}]
    row = {**HERE, "arn": GROUP, "log_group_name": "trail", "filter_pattern": PATTERN}
    return {**row, "metric_transformations": json.dumps(made), **more}


def _alarm(**more: Any) -> Row:
    row = {
        **HERE,
        "arn": f"arn:aws:cloudwatch:us-east-1:{A}:alarm:trail",
        "alarm_name": "trail",
        "kind": "metric",
        "actions_enabled": True,
        "alarm_actions": [TOPIC],
        "metric_name": "trail",
        "namespace": "Audit",
        "metrics": "[]",
        "alarm_rule": "",
    }
    return {**row, **more}


def _answer(tables: dict[str, list[Row]], name: str = "cloudtrail-changes") -> tuple[Any, str]:
    found = [r for r in run(tables) if r["event_set"] == name and r["account_id"] == A]
    assert len(found) == 1
    return found[0]["covered"], found[0]["missing"]


def test_the_whole_chain() -> None:
    assert _answer(_estate())[0] is True


def test_other_sets_are_not_covered_by_it() -> None:
    covered, missing = _answer(_estate(), "root-use")
    assert covered is False
    assert missing.startswith("no metric filter counts")


def test_two_filters_may_share_a_set() -> None:
    first, rest = PATTERN[1:-1].split("||", 1)
    filters = [_filter(filter_pattern="{" + first + "}"), _filter(filter_pattern="{" + rest + "}")]
    assert _answer(_estate(cloudwatch_metric_filter=filters))[0] is True


MATHS = json.dumps(
    [
        {"Id": "e", "Expression": "m", "ReturnData": True},
        {"Id": "m", "MetricStat": {"Metric": {"Namespace": "Audit", "MetricName": "trail"}}},
    ]
)
COMPOSITE = _alarm(
    kind="composite",
    arn=f"arn:aws:cloudwatch:us-east-1:{A}:alarm:any",
    alarm_name="any",
    metric_name="",
    namespace="",
    alarm_rule='ALARM("trail") OR ALARM("other")',
)


@pytest.mark.parametrize(
    ("note", "tables", "expected", "says"),
    [
        ("no trail", {"cloudtrail_trail": []}, False, "no multi-Region trail"),
        ("no filter", {"cloudwatch_metric_filter": []}, False, "no metric filter counts"),
        (
            "the filter forgets an event",
            {"cloudwatch_metric_filter": [_filter(filter_pattern=PATTERN.replace("StopL", "X"))]},
            False,
            "no metric filter counts StopLogging",
        ),
        (
            "the filter is on another log group",
            {"cloudwatch_metric_filter": [_filter(log_group_name="app")]},
            False,
            "no metric filter counts",
        ),
        ("no alarm", {"cloudwatch_alarm": []}, False, "no alarm on Audit/trail"),
        (
            "actions are off",
            {"cloudwatch_alarm": [_alarm(actions_enabled=False)]},
            False,
            "switched off",
        ),
        ("no action", {"cloudwatch_alarm": [_alarm(alarm_actions=[])]}, False, "no SNS topic"),
        ("nobody subscribed", {"sns_subscription": []}, False, "has no subscriber"),
        (
            "nobody confirmed",
            {"sns_subscription": [{**HERE, "arn": TOPIC, "topic_arn": TOPIC, "confirmed": False}]},
            False,
            "has confirmed",
        ),
        (
            "the topic is in an account that was not scanned",
            {"cloudwatch_alarm": [_alarm(alarm_actions=[TOPIC.replace(A, B)])]},
            None,
            f"account {B} was not scanned",
        ),
        (
            "the filter's pattern is not understood",
            {"cloudwatch_metric_filter": [_filter(filter_pattern="{ $.x ~~ 1 }")]},
            None,
            "not understood",
        ),
        (
            "alarms could not be listed",
            {
                "cloudwatch_alarm": [],
                "listing": [{**HERE, "table_name": "cloudwatch_alarm", "status": "failed"}],
            },
            None,
            "cloudwatch_alarm could not be read",
        ),
        (
            "an alarm on metric maths",
            {"cloudwatch_alarm": [_alarm(metric_name="", namespace="", metrics=MATHS)]},
            True,
            "",
        ),
        (
            "a composite alarm tells instead",
            {"cloudwatch_alarm": [_alarm(alarm_actions=[]), COMPOSITE]},
            True,
            "",
        ),
        (
            "a composite alarm that needs a second part may stay silent",
            {
                "cloudwatch_alarm": [
                    _alarm(alarm_actions=[]),
                    {**COMPOSITE, "alarm_rule": "ALARM(trail) AND ALARM(other)"},
                ]
            },
            None,
            "",
        ),
    ],
)
def test_each_link(note: str, tables: dict[str, Any], expected: bool | None, says: str) -> None:
    covered, missing = _answer(_estate(**tables))
    assert covered is expected, (note, missing)
    assert says in missing, note


def test_a_member_is_covered_by_the_organizations_trail() -> None:
    tables = _estate()
    tables["account_region"].append(
        {"account_id": B, "region": "us-east-1", "arn": f"arn:aws:account:us-east-1:{B}:region/x"}
    )
    shadow = {**tables["cloudtrail_trail"][0], "account_id": B, "elsewhere": True}
    found = run({**tables, "cloudtrail_shadow_trail": [shadow]})
    member = {r["event_set"]: r["covered"] for r in found if r["account_id"] == B}
    assert member["cloudtrail-changes"] is True
    assert member["root-use"] is False
