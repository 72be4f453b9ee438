"""The trail in SQL: the same on DuckDB and Spark, by span, and from the command line."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.running import runner

from sharedline.inventory.engines import Duck, Engine
from sharedline.inventory.lake import Lake
from sharedline.inventory.spark import Spark
from sharedline.trail import store
from sharedline.trail.ingest import ingest
from sharedline.trail.schema import SCHEMA

SQL = (
    "select eventid, eventname, useridentity.sessioncontext.sessionissuer.arn as role, "
    "requestparameters, eventtime, readonly, other from cloudtrail order by eventid"
)


def made(folder: Path) -> Lake:
    events: list[dict[str, Any]] = [
        {
            "eventID": str(uuid.UUID(int=n, version=4)),
            "eventTime": f"2026-11-{1 + n:02d}T10:00:00Z",
            "eventName": ("GetObject", "PutObject")[n % 2],
            "eventSource": "s3.amazonaws.com",
            "requestParameters": {"n": n},
            "readOnly": bool(n % 2),
            "recipientAccountId": "111122223333",
            "brandNew": n,
            "userIdentity": {"sessionContext": {"sessionIssuer": {"arn": f"role/{n}"}}}
            if n
            else None,
            "resources": [{"ARN": f"arn:aws:s3:::b/{n}", "type": "AWS::S3::Object"}],
        }
        for n in range(6)
    ]
    (folder / "a.json").write_text(json.dumps({"Records": events}))
    lake = Lake(str(folder / "lake"))
    assert ingest(lake, [str(folder / "a.json")], processes=0).events == 6
    return lake


def days(engine: Engine) -> list[int]:
    found = engine.query("select day(eventtime) as d from cloudtrail order by 1").to_pylist()
    return [row["d"] for row in found]


def spans(engine: Engine, lake: Lake) -> None:
    at = datetime(2026, 11, 3, 10, tzinfo=UTC)
    assert store.register(engine, lake) == 6
    assert days(engine) == [1, 2, 3, 4, 5, 6]
    store.register(engine, lake, since=at)
    assert days(engine) == [3, 4, 5, 6]
    assert store.register(engine, lake, since=at, until=datetime(2026, 11, 5, tzinfo=UTC)) == 2
    assert days(engine) == [3, 4]
    store.register(engine, lake, until=at)
    assert days(engine) == [1, 2]
    store.register(engine, lake, since=datetime(2030, 1, 1, tzinfo=UTC))
    assert days(engine) == []
    names = engine.query("select * from cloudtrail").column_names
    assert names == SCHEMA.names


def test_spans_on_duckdb(tmp_path: Path) -> None:
    lake = made(tmp_path)
    duck = Duck(lake)
    spans(duck, lake)
    store.register(duck, lake)
    duck.lock()
    [found] = duck.query(
        "select resources[1].arn as arn from cloudtrail limit 1 offset 2"
    ).to_pylist()
    assert found["arn"].startswith("arn:aws:s3:::b/")


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_spark_answers_the_same(spark: Spark, tmp_path: Path) -> None:
    lake = made(tmp_path)
    engine = Spark("local[2]", lake)
    try:
        spans(engine, lake)
        duck = Duck(lake)
        store.register(engine, lake)
        store.register(duck, lake)
        assert engine.query(SQL).to_pylist() == duck.query(SQL).to_pylist()
    finally:
        engine.close()


def test_an_empty_lake_has_an_empty_trail(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    assert not store.available(lake)
    duck = Duck(lake)
    assert store.register(duck, lake) == 0
    assert duck.query(SQL).num_rows == 0


def test_ingest_and_query_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = runner(capsys, after=("--dir", tmp_path))
    made(tmp_path)
    code, out, _ = run("trail", "ingest", str(tmp_path / "a.json"), "--processes", "0")
    assert (code, "1 files or windows were read before." in out) == (0, True)
    code, out, _ = run(
        "query", "select eventname, count(*) as n from cloudtrail group by 1", "--format", "json"
    )
    assert (code, {r["eventname"]: r["n"] for r in json.loads(out)}) == (
        0,
        {"GetObject": 3, "PutObject": 3},
    )
    code, _, err = run("query", "select * from s3_bucket")
    assert (code, "There is no table" in err) == (2, True)
    code, _, err = run("query", "select * from read_text('/etc/passwd')")
    assert code == 2
    (tmp_path / "bad.json").write_text('{"Records":[{"eventID":"x"')
    code, out, _ = run("trail", "ingest", str(tmp_path / "bad.json"), "--format", "json")
    assert code == 3
    assert [r["path"] for r in json.loads(out)["set_aside"]] == [str(tmp_path / "bad.json")]
    code, out, _ = run("trail", "ingest", "--set-aside")
    assert (code, "bad.json: 0 events kept" in out) == (3, True)
    code, _, err = run("trail", "ingest")
    assert (code, "Say where the logs are" in err) == (2, True)
