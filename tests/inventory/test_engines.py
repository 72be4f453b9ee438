"""DuckDB over the lake: typed tables, columns that are not stored, and nothing but the lake."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sharedline.errors import Error
from sharedline.inventory import engines
from sharedline.inventory.engines import Duck, open_engine, quoted
from sharedline.inventory.lake import Lake, LakeError, TableWriter

COLUMNS: dict[str, Any] = {"arn": "string", "on": "bool", "names": "strings", "at": "timestamp"}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "it's a lake"))


@pytest.fixture
def duck(lake: Lake) -> Iterator[Duck]:
    engine = Duck(lake)
    yield engine
    engine.close()


def _file(lake: Lake) -> str:
    path = lake.path("t.parquet")
    writer = TableWriter(lake, path, {"arn": "string", "on": "bool"})
    writer.add({"arn": "a", "on": True})
    writer.add({"arn": "b", "on": None})
    writer.close()
    return path


@pytest.mark.parametrize("rows", [None, 2, 1_000_000])
def test_files_with_columns_that_they_lack(lake: Lake, duck: Duck, rows: int | None) -> None:
    duck.files("t", [_file(lake)], COLUMNS, {"arn", "on"}, rows)
    assert duck.query("select * from t order by arn").to_pylist() == [
        {"arn": "a", "on": True, "names": None, "at": None},
        {"arn": "b", "on": None, "names": None, "at": None},
    ]
    duck.files("t", [], COLUMNS)
    assert duck.query("select count(*) as n, typeof(any_value(names)) as k from t").num_rows == 1
    assert duck.query("select * from t").to_pylist() == []


def test_rows(duck: Duck) -> None:
    duck.rows("t", [{"arn": "a", "names": ["x"]}, {}], COLUMNS)
    found = duck.query("select names[1] as first, \"on\" from t order by arn").to_pylist()
    assert found == [{"first": "x", "on": None}, {"first": None, "on": None}]
    duck.view("v", "select arn from t where arn = 'a'")
    assert duck.query("select * from v").num_rows == 1


def test_a_damaged_or_missing_file_is_told(lake: Lake, duck: Duck) -> None:
    path = _file(lake)
    duck.files("t", [path], COLUMNS, {"arn", "on"})
    Path(path).write_bytes(b"PAR1")
    with pytest.raises(LakeError, match="cannot be read"):
        duck.query("select * from t")
    with pytest.raises(LakeError, match="A file of t cannot be read"):
        duck.files("t", [f"{path}.none"], COLUMNS)


def test_locked_it_reads_the_lake_and_nothing_else(lake: Lake, duck: Duck, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    path = _file(lake)
    duck.lock()
    duck.files("t", [path], COLUMNS, {"arn", "on"})
    assert duck.query("select * from t").num_rows == 2
    for sql in (f"select * from read_csv('{secret}')", f"select * from '{secret}'",
                "select * from glob('/etc/*')", "install httpfs"):
        with pytest.raises((duckdb.Error, Error)):
            duck.con.sql(sql).fetchall()
    with pytest.raises(duckdb.Error):
        duck.con.execute("set enable_external_access=true")


@pytest.mark.parametrize("name", ["a b", 'a"b', "1a", "", "a;drop"])
def test_only_identifiers_are_quoted(name: str) -> None:
    with pytest.raises(ValueError, match="is not an identifier"):
        quoted(name)


def test_which_engine(lake: Lake) -> None:
    for url in ("", "duckdb"):
        engine = open_engine(url, lake)
        assert isinstance(engine, Duck)
        engine.close()
    with pytest.raises(Error, match="There is no engine 'mysql'") as raised:
        open_engine("mysql", lake)
    assert "spark://" in raised.value.advice


def test_a_long_question_prints_nothing() -> None:
    """Where no main file is, as in a spawned process, DuckDB would draw its progress on stdout."""
    code = (
        "import duckdb; from sharedline.inventory.engines import Duck\n"
        "for con in (duckdb.connect(), Duck().con):\n"
        "    print(con.execute(\"select current_setting('enable_progress_bar')\").fetchone()[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.split() == ["True", "False"]


def test_nothing_else_connects() -> None:
    source = Path(engines.__file__).parents[1]
    found = [p.name for p in source.rglob("*.py") if "duckdb.connect(" in p.read_text("utf-8")]
    assert found == ["engines.py"]
