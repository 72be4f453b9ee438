"""Values of AWS's answers as typed columns; what is absent, unknown, or beyond a column."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sharedline.collect.rows import CONVERT, ArnTemplate, Columns, as_json, tags_of
from sharedline.collect.schema import describe
from sharedline.collect.table import Call, Table, col, item, opt

TABLE = Table(
    name="sqs_queue",
    service="sqs",
    arn="{QueueUrl}",
    list=Call(operation="ListQueues", items="QueueUrls[]"),
    columns={"queue_url": "@"},
    details=(
        Call(
            operation="GetQueueAttributes",
            params={"QueueUrl": item("@"), "AttributeNames": ["All"]},
            columns={
                "policy": col("Attributes.Policy", "string", "", default="none"),
                "delay": col("Attributes.DelaySeconds", "int"),
                "encrypted": opt("Attributes.Sse", type="bool"),
            },
        ),
    ),
)
SCHEMA = describe(TABLE, {"sqs_queue": TABLE})
MOMENT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def columns() -> Columns:
    return Columns(TABLE.details[0].columns, SCHEMA)


def test_present_absent_and_defaults() -> None:
    row: dict[str, Any] = {}
    columns().read({"Attributes": {"Policy": "{}", "DelaySeconds": "5", "Sse": "true"}}, row)
    assert row == {"policy": "{}", "delay": 5, "encrypted": True}
    columns().read({"Attributes": {}}, row)
    assert row == {"policy": "none", "delay": None, "encrypted": False}


def test_unknown_is_null_whatever_the_default() -> None:
    row: dict[str, Any] = {}
    columns().unknown(row)
    assert row == {"policy": None, "delay": None, "encrypted": None}
    columns().not_asked(row)
    assert row == {"policy": "none", "delay": None, "encrypted": False}


def test_what_an_expected_error_means() -> None:
    row: dict[str, Any] = {}
    columns().assume("", row)
    assert row == {"policy": "", "delay": None, "encrypted": None}
    columns().assume({"policy": "x", "encrypted": True}, row)
    assert row == {"policy": "x", "delay": None, "encrypted": True}


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        ("string", {"b": 1, "a": MOMENT}, '{"a": "2026-11-21T12:00:00Z", "b": 1}'),
        ("string", b"\xff", "\ufffd"),
        ("string", "half \ud800", "half ?"),
        ("bool", "TRUE", True),
        ("bool", "perhaps", None),
        ("bool", 0, False),
        ("int", "12", 12),
        ("int", "twelve", None),
        ("int", 2**63, None),
        ("int", float("inf"), None),
        ("double", "1.5", 1.5),
        ("timestamp", "2026-11-21T13:00:00+01:00", MOMENT),
        ("timestamp", 1795262400, MOMENT),
        ("timestamp", 1e30, None),
        ("timestamp", datetime(2026, 11, 21, 12), MOMENT),  # noqa: DTZ001 AWS's are UTC
        ("timestamp", "N/A", None),
        ("strings", ["a", None, {"b": 1}], ["a", '{"b": 1}']),
        ("strings", "a", ["a"]),
        ("json", ["é"], '["é"]'),
        ("json", "{}", "{}"),
    ],
)
def test_conversion(kind: Any, value: Any, stored: Any) -> None:
    assert CONVERT[kind](value) == stored


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (None, None),
        ({}, "{}"),
        ({"b": "2", "a": 1}, '{"a": "1", "b": "2"}'),
        ([{"Key": "a", "Value": "1"}], '{"a": "1"}'),
        ([{"TagKey": "a", "TagValue": "1"}, {"key": "b", "value": None}], '{"a": "1", "b": ""}'),
        ("", "{}"),
    ],
)
def test_tags(given: Any, stored: str | None) -> None:
    assert tags_of(given) == stored


def test_json_is_the_same_each_time() -> None:
    assert as_json({"b": [b"x"], "a": None}) == '{"a": null, "b": ["x"]}'


def test_arns() -> None:
    template = ArnTemplate("arn:{partition}:ec2:{region}:{account_id}:instance/{Id}:end")
    place = {"partition": "aws", "region": "eu-west-1", "account_id": "1"}
    assert template.fill({"Id": "i-1"}, place) == "arn:aws:ec2:eu-west-1:1:instance/i-1:end"
    assert template.fill({}, place) is None
