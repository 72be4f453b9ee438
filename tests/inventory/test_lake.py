"""The lake: whole files or none, scans that exist once committed, ids, locks."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sharedline.collect.fetch import Shard
from sharedline.inventory.lake import LAKE_VERSION, Lake, LakeError, TableWriter, new_scan_id
from sharedline.inventory.sink import LakeSink

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
COLUMNS: dict[str, Any] = {"arn": "string", "on": "bool", "n": "int", "at": "timestamp",
                           "tags": "json", "_errors": "strings"}


def commit(lake: Lake, scan: str, at: datetime, **more: Any) -> None:
    data = {"id": scan, "as_of": at.isoformat(), "started": at.isoformat(), "ended": at.isoformat(),
            "accounts": ["1"], "regions": ["us-east-1"], "lake_version": LAKE_VERSION, "files": [],
            "tables": {}, "listings": [], "row_errors": {}, "checks": [], **more}
    lake.write(lake.path("scans", scan, "manifest.json"), json.dumps(data).encode())


def test_scans_in_the_order_of_their_time(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    commit(lake, "b", AT)
    commit(lake, "a", AT + timedelta(days=1), failures=[{"table": "x"}])
    lake.write(lake.path("scans", "c", "plan.json"), b"{}")
    assert [m.id for m in lake.scans()] == ["b", "a"]
    assert lake.latest().id == "a"
    assert lake.latest("b").id == "b"
    assert [m.incomplete for m in lake.scans()] == [False, True]
    assert lake.unfinished() == ["c"]
    with pytest.raises(LakeError, match="no scan 'z'"):
        lake.latest("z")
    with pytest.raises(LakeError, match="no finished scan"):
        Lake(str(tmp_path / "empty")).latest()


def test_rows_as_they_were_given(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    row = {"arn": "a", "on": None, "n": 1, "at": AT, "tags": "{}", "_errors": ["x y"], "extra": 1}
    writer = TableWriter(lake, lake.path("t", "part.parquet"), COLUMNS)
    writer.add(row)
    writer.add({"arn": "b"})
    assert list(tmp_path.rglob("*.parquet")) == []
    entry = writer.close()
    assert entry is not None
    assert (entry["path"], entry["rows"]) == ("t/part.parquet", 2)
    stored = pq.read_table(tmp_path / "t" / "part.parquet").to_pylist()
    assert stored[0] == {k: v for k, v in row.items() if k != "extra"}
    assert stored[1] == dict.fromkeys(COLUMNS) | {"arn": "b"}
    assert lake.entry(lake.path("t", "part.parquet"), 2) == entry


def test_no_rows_no_file(tmp_path: Path) -> None:
    writer = TableWriter(Lake(str(tmp_path)), f"{tmp_path}/t.parquet", COLUMNS)
    assert writer.close() is None
    writer.add({"arn": "a"})
    writer._flush()
    writer.abandon()
    assert list(tmp_path.iterdir()) == []


def test_a_write_replaces_whole(tmp_path: Path) -> None:
    lake, path = Lake(str(tmp_path)), f"{tmp_path}/a/b.json"
    lake.write(path, b"[1]")
    lake.write(path, b"[1, 2]")
    assert lake.read_json(path) == [1, 2]
    assert lake.read_json(f"{path}.none") is None
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["b.json"]


def test_an_object_store(tmp_path: Path) -> None:
    lake = Lake(f"memory://{tmp_path.name}")
    assert not lake.local
    commit(lake, "a", AT)
    assert lake.latest().id == "a"
    writer = TableWriter(lake, lake.path("t.parquet"), COLUMNS)
    writer.add({"arn": "a"})
    assert writer.close() is not None
    with lake.locked("a"):
        assert not lake.busy("a")


def test_ids_sort_by_time_and_never_repeat() -> None:
    made = [new_scan_id(AT) for _ in range(50)]
    assert len(set(made)) == 50
    assert all(i.startswith("20261121T120000Z-") for i in made)
    assert new_scan_id(AT) < new_scan_id(AT + timedelta(seconds=1))


def test_a_sinks_journal_holds_only_what_is_there(tmp_path: Path) -> None:
    sink, place = LakeSink(str(tmp_path), "s"), Shard("1", "us-east-1")
    writer = sink.open("t", COLUMNS, place)
    writer.add({"arn": "a", "n": 3})
    file = writer.close()
    entry: dict[str, Any] = {"status": "ok", "failures": [], "row_errors": {}, "file": file}
    none = {**entry, "file": None}
    sink.save_journal(place, {"t": entry, "u": none, "gone": {**entry, "file": {
        "path": "x", "rows": 1, "sha256": ""}}})
    assert sink.journal(place) == {"t": entry, "u": none}
    assert sink.rows(file or {}, ["arn", "n"]) == [{"arn": "a", "n": 3}]
    assert sink.journal(Shard("1", "eu-west-1")) == {}


def test_raw_answers_are_kept(tmp_path: Path) -> None:
    import pyarrow as pa

    sink, place = LakeSink(str(tmp_path), "s"), Shard("1", "us-east-1")
    sink.raw(place, "t", {"b": AT, "a": "é"})
    sink.raw(place, "t", [1])
    sink.finish()
    (path,) = tmp_path.rglob("t.ndjson.zst")
    text = pa.input_stream(str(path), compression="zstd").read().decode()
    assert [json.loads(line) for line in text.splitlines()] == [
        {"a": "é", "b": "2026-11-21T12:00:00Z"}, [1]]
