"""The line: entries in order, unknown where the deciding column is, the category as a fallback."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sharedline.duties.catalogue import NOT_REVIEWED, load, parse_line
from sharedline.duties.side import (
    NO_LINE,
    UNKNOWN_LINE,
    index_sql,
    line_for,
    lines_of,
    qualified,
    side_of_index,
)
from sharedline.errors import ConfigError
from sharedline.inventory.engines import Duck
from sharedline.model import Line, Side

DAY = date(2026, 11, 21)


def line(side: Side, when: str = "", table: str = "") -> Line:
    return Line("lambda", "compute.runtime-patching", side, "A.", "Y.", "https://x", DAY, table, when)


LINES = (
    line(Side.SHARED, "package_type = 'Image'", "lambda_function"),
    line(Side.CUSTOMER, "runtime is not null and runtime = ''", "lambda_function"),
    line(Side.AWS),
)


def position(lines: Any, table: str, **row: Any) -> int:
    duck = Duck()
    try:
        duck.rows("t", [row], {"package_type": "string", "runtime": "string"})
        sql = f"select {index_sql(lines, table, 'r')} as n from t r"
        return int(duck.query(sql).to_pylist()[0]["n"])
    finally:
        duck.close()


@pytest.mark.parametrize(
    ("row", "table", "expected"),
    [
        ({"package_type": "Image", "runtime": ""}, "lambda_function", 0),
        ({"package_type": "Zip", "runtime": ""}, "lambda_function", 1),
        ({"package_type": "Zip", "runtime": "python3.14"}, "lambda_function", 2),
        ({"package_type": None, "runtime": ""}, "lambda_function", UNKNOWN_LINE),
        ({"package_type": "Image", "runtime": ""}, "another_table", 2),
    ],
)
def test_entries_are_tried_in_order(row: Any, table: str, expected: int) -> None:
    assert position(LINES, table, **row) == expected


def test_no_line_speaks_of_it() -> None:
    assert position(LINES[:1], "another_table", package_type="Image") == NO_LINE
    assert position(LINES[:1], "lambda_function", package_type="Zip") == NO_LINE
    assert side_of_index(LINES, NO_LINE) is None
    assert side_of_index(LINES, UNKNOWN_LINE) is Side.UNKNOWN
    assert side_of_index(LINES, 0) is Side.SHARED


def test_a_condition_is_qualified() -> None:
    assert qualified("a = 1 and lower(b) = 'b'", "r") == "r.a = 1 AND LOWER(r.b) = 'b'"
    with pytest.raises(ConfigError, match="is not SQL"):
        qualified("a = = 1", "r")


def test_a_service_that_nobody_reviewed_says_so() -> None:
    catalogue = load()
    drawn = lines_of(catalogue, "quantumledger")
    assert drawn
    own = {duty: d for duty, d in drawn.items() if not d.reviewed}
    assert own
    assert {d.source(d.lines[0]) for d in own.values()} == {NOT_REVIEWED}
    assert lines_of(catalogue, "s3")["data.encryption-at-rest"].reviewed
    unsaid = line_for(catalogue, "s3", "people.awareness")
    assert unsaid.lines[0].side is catalogue.duties["people.awareness"].usual_side


GOOD: dict[str, Any] = {"duty": "d", "side": "shared", "aws": "A.", "you": "Y.",
                        "source": "https://x", "read": DAY}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"side": "theirs"}, "side 'theirs'"),
        ({"aws": ""}, "what AWS does"),
        ({"you": " "}, "what you do"),
        ({"source": "a book"}, "no source"),
        ({"read": "2026-11-21"}, "read is not a date"),
        ({"when": "a = 1"}, "when needs a table"),
        ({"whom": "x"}, "unknown key whom"),
    ],
)
def test_a_malformed_line(change: Any, said: str) -> None:
    with pytest.raises(ConfigError, match=f"place: .*{said}") as raised:
        parse_line({**GOOD, **change}, "s3", "place")
    assert raised.value.advice
    assert parse_line(GOOD, "s3", "place").side is Side.SHARED
    assert parse_line({**GOOD, "side": "aws", "you": ""}, "s3", "place").you == ""
