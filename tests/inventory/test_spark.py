"""The Spark engine registers, answers and refuses as DuckDB does."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sharedline.collect.table import Type
from sharedline.errors import Error
from sharedline.inventory.engines import Duck, open_engine
from sharedline.inventory.lake import Lake, TableWriter
from sharedline.inventory.spark import Spark

COLUMNS: Mapping[str, Type] = {
    "arn": "string",
    "size": "int",
    "share": "double",
    "on_": "bool",
    "made": "timestamp",
    "names": "strings",
    "policy": "json",
}
LATER: Mapping[str, Type] = {**COLUMNS, "added": "strings"}
ROWS: list[dict[str, Any]] = [
    {
        "arn": "a",
        "size": 2**40,
        "share": 0.5,
        "on_": True,
        "made": datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
        "names": ["x", "y"],
        "policy": "{}",
    },
    {"arn": "b", "names": []},
    {"arn": "'; \"c\\ `ü", "on_": False},
]
ALL = "select * from t order by arn"


def _rows(rows: list[dict[str, Any]], columns: Mapping[str, Type]) -> list[dict[str, Any]]:
    return [{c: row.get(c) for c in columns} for row in sorted(rows, key=lambda r: r["arn"])]


def _written(folder: Path, *parts: str) -> str:
    lake = Lake(str(folder))
    writer = TableWriter(lake, lake.path(*parts, "part-0.parquet"), COLUMNS)
    for row in ROWS:
        writer.add(row)
    writer.close()
    return lake.path(*parts, "part-0.parquet")


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_rows_keep_values_and_types(spark: Spark) -> None:
    duck = Duck()
    for engine in (spark, duck):
        engine.rows("t", ROWS, COLUMNS)
    got, want = spark.query(ALL), duck.query(ALL)
    assert got.to_pylist() == want.to_pylist() == _rows(ROWS, COLUMNS)
    assert got.schema.types == want.schema.types
    assert all(field.nullable for field in got.schema)


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_an_empty_table_has_its_columns(spark: Spark) -> None:
    spark.rows("t", [], COLUMNS)
    assert spark.query(ALL).schema.names == list(COLUMNS)
    spark.files("t", [], COLUMNS)
    assert spark.query(ALL).num_rows == 0


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_files_give_exactly_the_columns_and_null_for_those_not_stored(
    spark: Spark, tmp_path: Path
) -> None:
    """The folders' `scan=` and `region=` must not become columns, nor a new column fail."""
    paths = [
        _written(tmp_path, "inventory", "t", "scan=1", f"region={r}") for r in ("eu-1", "us-1")
    ]
    spark.files("t", paths, LATER, stored=COLUMNS)
    duck = Duck(Lake(str(tmp_path)))
    duck.files("t", paths, LATER, stored=COLUMNS)
    got = spark.query(ALL)
    assert got.to_pylist() == duck.query(ALL).to_pylist() == _rows(ROWS * 2, LATER)
    assert got.schema.names == list(LATER)
    spark.files("t", paths, LATER, stored=["arn"])
    assert spark.query("select arn, policy from t where policy is null").num_rows == 6


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
@pytest.mark.parametrize("name", ["q[1]", "q*", "q{1,2}", "q ä%20#", "q\\1", "q:1"])
def test_a_path_is_never_a_pattern(spark: Spark, tmp_path: Path, name: str) -> None:
    """Spark expands patterns in paths, and one form of it reads each file twice."""
    _written(tmp_path, "q1")
    path = _written(tmp_path, name)
    spark.files("t", [path], COLUMNS)
    assert spark.query(ALL).to_pylist() == _rows(ROWS, COLUMNS)


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
@pytest.mark.parametrize(
    "sql",
    [
        "drop view t",
        "create table u as select 1",
        "select 1; select 2",
        "select java_method('java.lang.System', 'exit', 3)",
        "select reflect('java.lang.System', 'exit', 3)",
        "set spark.sql.ansi.enabled=false",
    ],
)
def test_only_a_plain_select_runs(spark: Spark, sql: str) -> None:
    spark.rows("t", ROWS, COLUMNS)
    with pytest.raises(Error):
        spark.query(sql)
    assert spark.query(ALL).num_rows == len(ROWS)


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_a_view_is_a_select_over_what_is_registered(spark: Spark) -> None:
    spark.rows("t", ROWS, COLUMNS)
    spark.view("u", "select arn, size + 1 as more from t where size is not null")
    assert spark.query("select * from u").to_pylist() == [{"arn": "a", "more": 2**40 + 1}]
    with pytest.raises(Error):
        spark.view("u", "drop view t")


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_no_file_can_be_read_by_its_name(spark: Spark, tmp_path: Path) -> None:
    from pyspark.errors import AnalysisException

    path = _written(tmp_path, "t")
    with pytest.raises(AnalysisException, match="TABLE_OR_VIEW_NOT_FOUND"):
        spark.query(f"select * from parquet.`{path}`")


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_a_second_engine_sees_nothing_of_the_first_and_leaves_it_running(spark: Spark) -> None:
    from pyspark.errors import AnalysisException

    spark.rows("t", ROWS, COLUMNS)
    other = open_engine("local[2]", None)
    with pytest.raises(AnalysisException, match="TABLE_OR_VIEW_NOT_FOUND"):
        other.query(ALL)
    other.rows("t", ROWS[:1], COLUMNS)
    assert other.query(ALL).num_rows == 1
    other.close()
    assert spark.query(ALL).num_rows == len(ROWS)


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_a_value_that_does_not_fit_is_an_error_not_a_null(spark: Spark) -> None:
    from pyspark.errors import PySparkException

    with pytest.raises(PySparkException, match="CAST_INVALID_INPUT"):
        spark.query("select cast('many' as int) as n")


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_times_are_in_utc(spark: Spark) -> None:
    sql = "select cast('2026-01-15T01:30:00+02:00' as timestamp) as t, hour(timestamp'{}') as h"
    row = spark.query(sql.format("2026-06-01 12:00:00")).to_pylist()[0]
    assert row["t"] == datetime(2026, 1, 14, 23, 30, tzinfo=UTC)
    assert row["h"] == 12


def test_without_pyspark_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def no_pyspark(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("pyspark"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", no_pyspark)
    with pytest.raises(Error, match=r"pip install sharedline\[spark\]"):
        Spark("local[1]")


def test_without_java_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pyspark = pytest.importorskip("pyspark.sql")
    monkeypatch.setattr(pyspark.SparkSession, "getActiveSession", staticmethod(lambda: None))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "none"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Error, match="Install a Java runtime"):
        Spark("local[1]")


def test_an_engine_of_another_name_is_refused() -> None:
    with pytest.raises(Error, match="There is no engine 'presto'"):
        open_engine("presto", None)
