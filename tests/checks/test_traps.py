"""The traps met while prototyping, each kept as a test, with what guards against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot

from sharedline.checks.load import parse as read_check
from sharedline.checks.schemas import own_columns, schemas
from sharedline.checks.sql import bound_sql, parse
from sharedline.collect.rows import Columns
from sharedline.collect.schema import Column, TableSchema
from sharedline.collect.table import Type, opt
from sharedline.errors import ConfigError
from sharedline.inventory.engines import Duck, Engine
from sharedline.inventory.lake import Lake, TableWriter
from sharedline.inventory.spark import Spark

FRONT = '/*\ntitle = "t"\nseverity = "low"\nduty = "data.exposure"\nwhy = "w"\nfix = "f"\n*/\n'
AS_OF = datetime(2026, 1, 15, tzinfo=UTC)
ROW: Mapping[str, Type] = {"arn": "string", "names": "strings", "made": "timestamp"}
ROWS: Sequence[Mapping[str, Any]] = [
    {"arn": "a", "names": ["one", "two"], "made": datetime(2026, 1, 14, 23, tzinfo=UTC)},
    {"arn": "b", "names": [], "made": datetime(2026, 1, 15, 1, tzinfo=UTC)},
]


def refused(ok: str, tail: str = "") -> str:
    """Why a check with this condition is refused."""
    sql = f"select b.arn as resource, {ok} as ok, 'said' as reason from s3_bucket b {tail}"
    with pytest.raises(ConfigError) as caught:
        parse(read_check(FRONT + sql, "s3/x", "checks/s3/x.sql"), schemas())
    return str(caught.value)


def transpiled(engine: Engine, sql: str) -> list[dict[str, Any]]:
    """The answer of an engine to DuckDB's SQL, as the transpiler writes it."""
    engine.rows("t", ROWS, ROW)
    written = sqlglot.transpile(sql, read="duckdb", write=engine.dialect)[0]
    return [dict(row) for row in engine.query(written).to_pylist()]


# 1. What Spark answers differently while the transpiler is silent is refused.


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_left_join_unnest_loses_rows_on_spark(spark: Spark) -> None:
    sql = "select arn, n from t left join unnest(t.names) as u(n) on true order by arn, n"
    assert [r["arn"] for r in transpiled(Duck(), sql)] == ["a", "a", "b"]
    assert [r["arn"] for r in transpiled(spark, sql)] == ["a", "a"]


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_date_diff_of_timestamps_differs_by_a_day(spark: Spark) -> None:
    sql = "select date_diff('day', min(made), max(made)) as days from t"
    assert transpiled(Duck(), sql) == [{"days": 1}]
    assert transpiled(spark, sql) == [{"days": 0}]


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_the_length_of_a_list_is_no_length_on_spark(spark: Spark) -> None:
    sql = "select len(names) as n from t order by arn"
    assert transpiled(Duck(), sql) == [{"n": 2}, {"n": 0}]
    try:
        found = transpiled(spark, sql)
    except Exception as error:  # noqa: BLE001 a refusal or another number: both are the trap
        assert "DATATYPE_MISMATCH" in str(error)
    else:
        assert found != [{"n": 2}, {"n": 0}]


@pytest.mark.parametrize(
    ("ok", "named"),
    [
        ("date_diff('day', b.creation_date, scan.as_of) > 3", "date_diff"),
        ("[x for x in b._errors] is null", "list comprehension"),
        ("concat(b.region, 'x') = 'y'", "concat"),
        ("json_extract(b.tags, '$[*].a') is null", "JSON wildcard"),
        ("5 / length(b.arn) > 3", "division"),
        ("cast(b.region as inet) is null", "inet"),
        ("len(b._errors) > 1", "len"),
        ("list_filter(b._errors, lambda x: x = 'a') is null", "lambda"),
        ("b.creation_date < now()", "now"),
        ("b.creation_date < current_timestamp", "currenttimestamp"),
        ("b.creation_date < current_date", "currentdate"),
    ],
)
def test_what_is_not_portable_is_refused_by_name(ok: str, named: str) -> None:
    assert named in refused(ok)


def test_left_join_unnest_is_refused() -> None:
    assert "left join unnest" in refused("u = 'x'", "left join unnest(b._errors) as e(u) on true")


@pytest.mark.parametrize(
    "tail",
    [
        "join read_parquet('/etc/x') p on true",
        "join '/etc/passwd' p on true",
        "join glob('/*') g on true",
    ],
)
def test_a_check_reads_no_file(tail: str) -> None:
    assert "checks/s3/x.sql" in refused("true", tail)


def test_a_guarded_division_is_allowed() -> None:
    sql = (
        "select b.arn as resource, 5 / nullif(length(b.arn), 0) > 3 as ok, 'r' as reason "
        "from s3_bucket b"
    )
    assert parse(read_check(FRONT + sql, "s3/x", "x"), schemas()).population == "s3_bucket"


# 2. DuckDB 2.0's own.


def test_duckdb_rejects_arrow_lambdas() -> None:
    with pytest.raises(duckdb.Error):
        duckdb.sql("select list_filter([1, 2], x -> x > 1)").fetchall()


def test_timestamps_with_a_zone_reach_python() -> None:
    """Needs pytz, which DuckDB does not depend on."""
    found = duckdb.sql("select timestamptz '2026-01-15 00:00:00+00'").fetchall()
    assert found[0][0] == AS_OF


def test_extensions_that_must_be_downloaded_are_out_of_reach() -> None:
    duck = Duck()
    duck.lock()
    with pytest.raises(duckdb.Error):
        duck.query("install inet")


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_a_column_named_at_is_read_on_both_engines(spark: Spark) -> None:
    """`at` is a reserved word of DuckDB 2.0, and the time of an attestation."""
    sql = (
        "select r.arn as resource, max(a.at) > scan.as_of - interval '1' day * 30 as ok, "
        "'r' as reason from account_region r left join attestation a on a.duty = 'd' group by r.arn"
    )
    parsed = parse(read_check(FRONT + sql, "x/y", "x"), schemas())
    answers = []
    for engine in (Duck(), spark):
        engine.rows(
            "account_region", [{"arn": "r", "account_id": "1"}], own_columns("account_region")
        )
        engine.rows(
            "attestation",
            [{"duty": "d", "at": datetime(2026, 1, 1, tzinfo=UTC)}],
            own_columns("attestation"),
        )
        answers.append(engine.query(bound_sql(parsed, AS_OF, engine.dialect)).to_pylist())
    assert answers[0] == answers[1]
    assert answers[0][0]["ok"] is True


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
@pytest.mark.parametrize(
    ("sql", "value"),
    [
        (
            "timestamptz '2026-01-15 00:00:00+00' - interval '1' day * 90",
            datetime(2025, 10, 17, tzinfo=UTC),
        ),
        (
            "timestamptz '2026-01-15 00:00:00+00' - interval '90' day",
            datetime(2025, 10, 17, tzinfo=UTC),
        ),
        (
            "timestamptz '2026-03-31 00:00:00+00' - interval '1' month",
            datetime(2026, 2, 28, tzinfo=UTC),
        ),
        ("'a' || cast(5 as varchar) || 'b'", "a5b"),
        ("'a' || cast(true as varchar)", "atrue"),
        ("cast(null as varchar) || 'b'", None),
        ("'x\\d' like 'x\\_' escape '\\'", False),
        ("'x_' like 'x\\_' escape '\\'", True),
        ("regexp_matches('ab12', '[a-z]+\\d{2}$')", True),
        ("null and false", False),
        ("null or true", True),
        ("not cast(null as boolean)", None),
        ("list_contains(['a', 'b'], 'b')", True),
        ("list_contains(cast(null as varchar[]), 'b')", None),
        ("1 in (2, null)", None),
        ("greatest(1, null)", 1),
        ("split_part('a:b', ':', 2)", "b"),
    ],
)
def test_what_checks_use_means_the_same_on_both(spark: Spark, sql: str, value: Any) -> None:
    for engine in (Duck(), spark):
        found = transpiled(engine, f"select {sql} as v")[0]["v"]
        assert found == value
        assert type(found) is type(value)


# 3. Parquet cannot hold an empty struct, so structures are JSON text.


def test_an_empty_structure_is_kept_as_text(tmp_path: Path) -> None:
    with pytest.raises(pa.ArrowNotImplementedError):
        pq.write_table(pa.table({"s": pa.array([{}], pa.struct([]))}), tmp_path / "x.parquet")
    lake = Lake(str(tmp_path))
    writer = TableWriter(lake, lake.path("t.parquet"), {"s": "json"})
    writer.add({"s": "{}"})
    writer.close()
    assert pq.read_table(tmp_path / "t.parquet").to_pylist() == [{"s": "{}"}]


# 4. `x or Default()` turns unknown into off: absent stays NULL, and false stays false.


@pytest.mark.parametrize(
    ("answer", "plain", "optional"),
    [({}, None, True), ({"On": None}, None, True), ({"On": False}, False, False)],
)
def test_absent_false_and_default_stay_apart(
    answer: dict[str, Any], plain: bool | None, optional: bool
) -> None:
    schema = TableSchema("t", "", (Column("a", "bool", ""), Column("b", "bool", "")), (), ())
    row: dict[str, Any] = {}
    Columns({"a": "On", "b": opt("On", True)}, schema).read(answer, row)
    assert row == {"a": plain, "b": optional}


# 6. NOT over a missing value loses rows in a filter and answers unknown in a check.


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_not_over_a_missing_value_is_unknown(spark: Spark) -> None:
    for engine in (Duck(), spark):
        engine.rows("t", [{"arn": "a"}], ROW)
        assert engine.query("select not (arn = 'a' and made is not null) as ok from t").to_pylist()
        assert engine.query("select not (names is null and made > made) as ok from t").to_pylist()[
            0
        ] == {"ok": None}
        assert engine.query("select arn from t where not (made > made)").num_rows == 0
