"""Values in SQL come back from DuckDB as they went in, whatever is in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from sharedline.inventory.literals import listed, moment, span, text, where

if TYPE_CHECKING:
    from sharedline.inventory.spark import Spark

AT = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=timezone(timedelta(hours=2)))


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_text_comes_back_whole(value: str) -> None:
    assert duckdb.sql(f"select {text(value)}").fetchall() == [(value,)]


def test_spark_escapes_by_backslash() -> None:
    assert text("a'b\\", "spark") == r"'a\'b\\'"


def test_a_list_is_sorted_has_each_once_and_is_never_empty() -> None:
    assert listed(["b", "a", "b"]) == "'a', 'b'"
    assert listed([]) == "''"


def test_a_time_is_the_same_moment() -> None:
    duckdb.sql("set timezone = 'UTC'")
    assert duckdb.sql(f"select epoch_us({moment(AT)})").fetchall() == [
        (int(AT.astimezone(UTC).timestamp() * 1e6),)
    ]


def test_a_span_takes_its_beginning_and_leaves_its_end() -> None:
    conditions = where(span(AT, AT + timedelta(hours=1), "duckdb", "t"))
    rows = " union all ".join(
        f"select {moment(AT + timedelta(minutes=m))} as t, {m} as m" for m in (-1, 0, 59, 60)
    )
    assert duckdb.sql(f"select m from ({rows}){conditions} order by m").fetchall() == [(0,), (59,)]


def test_no_span_is_no_clause() -> None:
    assert where(span(None, None, "spark")) == ""


def test_texts_come_back_from_spark_too(spark: Spark) -> None:
    values = ["a'b", "a\\", "\\n", "${spark.app.name}", "$(x)", "${env:HOME}", "''", "ü"]
    listed_ = ", ".join(f"{text(v, 'spark')} as c{n}" for n, v in enumerate(values))
    assert list(spark.query(f"select {listed_}").to_pylist()[0].values()) == values
