"""A damaged file gives what is good in it and is listed; an interrupted run leaves nothing half."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sharedline.inventory.engines import Duck
from sharedline.inventory.lake import Lake
from sharedline.trail import columns, journal, store
from sharedline.trail.decode import Shape
from sharedline.trail.inflate import inflate
from sharedline.trail.ingest import Outcome, ingest
from sharedline.trail.read import Reading


def event(number: int) -> dict[str, Any]:
    return {
        "eventVersion": "1.11",
        "userIdentity": {"type": "IAMUser", "userName": f"u{number % 5}"},
        "eventTime": f"2026-11-01T10:{number // 60 % 60:02d}:{number % 60:02d}Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "requestParameters": {"list": [{"a": 1}, {"b": "},{"}], "text": 'a "quoted" { [ text'},
        "eventID": str(uuid.UUID(int=number, version=4)),
        "recipientAccountId": "111122223333",
    }


EVENTS = [event(n) for n in range(200)]
FILE = json.dumps({"Records": EVENTS}, separators=(",", ":")).encode()


def run(folder: Path, content: bytes, name: str = "a.json.gz") -> tuple[Outcome, set[str]]:
    (folder / name).write_bytes(content)
    lake = Lake(str(folder / "lake"))
    done = ingest(lake, [str(folder / name)], processes=0)
    return done, ids(lake)


def ids(lake: Lake) -> set[str]:
    duck = Duck(lake)
    store.register(duck, lake)
    found: list[str] = duck.query("select eventid from cloudtrail")["eventid"].to_pylist()
    assert len(found) == len(set(found))
    return set(found)


def first(count: int) -> set[str]:
    return {e["eventID"] for e in EVENTS[:count]}


def noise(size: int) -> bytes:
    return random.Random(1).randbytes(size)  # noqa: S311


def test_a_truncated_gzip_keeps_what_came_before(tmp_path: Path) -> None:
    packed = gzip.compress(FILE)
    done, found = run(tmp_path, packed[: len(packed) // 2])
    [(path, kept, reason)] = done.aside
    assert 20 < kept < len(EVENTS)
    assert found == first(kept)
    assert path.endswith("a.json.gz")
    assert reason.startswith("the gzip file is cut off; ")


def test_damage_within_gzip_data_keeps_what_came_before(tmp_path: Path) -> None:
    big = bytearray(gzip.compress(FILE + b" " * 5_000_000, compresslevel=1))
    middle = len(gzip.compress(FILE, 1)) // 2
    big[middle : middle + 40] = noise(40)
    (tmp_path / "a.json.gz").write_bytes(big)
    lake = Lake(str(tmp_path / "one"))
    done = ingest(lake, [str(tmp_path / "a.json.gz")], processes=0)
    [(_, kept, reason)] = done.aside
    assert "gzip data is damaged near byte" in reason
    assert kept > 20
    duck = Duck(lake)
    store.register(duck, lake)
    assert first(20) <= set(duck.query("select eventid from cloudtrail")["eventid"].to_pylist())
    packed = bytearray(gzip.compress(FILE))
    packed[-8:-4] = b"\0\0\0\0"  # the checksum alone
    done, found = run(tmp_path, bytes(packed), "b.json.gz")
    [(_, kept, reason)] = done.aside
    assert kept == len(EVENTS)
    assert "incorrect data check" in reason


@pytest.mark.parametrize("at", (0.0, 0.3, 0.999))
def test_a_truncated_text_keeps_what_came_before(at: float, tmp_path: Path) -> None:
    done, found = run(tmp_path, FILE[: int(len(FILE) * at)], "a.json")
    if not at:
        assert not done.incomplete
        return
    [(_, kept, reason)] = done.aside
    assert found == first(kept)
    assert kept >= int(len(EVENTS) * at) - 1
    assert "cut off" in reason


def test_damage_in_a_big_file_costs_one_record_and_its_place_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sharedline.trail import inflate, read

    monkeypatch.setattr(read, "PIECE", 3000)
    monkeypatch.setattr(inflate, "_OUT", 1000)
    text = FILE.decode().replace('"u1"', '"ü1"')
    at = text.index('"eventID"', text.index(EVENTS[120]["eventID"]) - 20)
    broken = text[:at] + "}" + text[at + 1 :]
    done, found = run(tmp_path, broken.encode(), "a.json")
    assert found == first(200) - {EVENTS[120]["eventID"]}
    [(_, kept, reason)] = done.aside
    assert kept == 199
    assert f"at character {at} " in reason


def test_trailing_members_zeros_and_garbage(tmp_path: Path) -> None:
    half = [json.dumps({"Records": part}).encode() for part in (EVENTS[:100], EVENTS[100:])]
    done, found = run(tmp_path, gzip.compress(half[0]) + gzip.compress(half[1]) + b"\0" * 512)
    assert not done.incomplete
    assert found == first(200)
    done, _ = run(tmp_path, gzip.compress(FILE) + b"garbage", "b.json.gz")
    assert done.aside[0][2] == "7 bytes after the end of the gzip data are none"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x00\x01\x02\x03", "there is no JSON object"),
        (b"not json at all", "there is no JSON object"),
        (b'{"Records":[', "cut off"),
        (b'[1, "two", null]', "3 JSON values in it are no CloudTrail events"),
        (b'{"hello": "world"}', "1 JSON values in it are no CloudTrail events"),
        (b"[" * 100_000, "cut off"),
        (b'{"a":' * 100_000, ""),
        (b'{"Records":[{"eventName":NaN,"eventID":1}]}', ""),
        (b"\x1f\x8b\x08\x00", "the gzip file is cut off"),
        (b'{"Records":[{"eventVersion":"\xff\xfe"}]}', "not UTF-8"),
    ],
)
def test_what_is_no_log_is_listed_with_the_reason(
    content: bytes, reason: str, tmp_path: Path
) -> None:
    done, found = run(tmp_path, content, "a.json")
    assert not found
    [(_, kept, told)] = done.aside
    assert kept == 0
    assert reason in told
    # It was read, such as it is: it is not tried again, and stays listed.
    again = ingest(Lake(str(tmp_path / "lake")), [str(tmp_path / "a.json")], processes=0)
    assert again.skipped.known == 1
    assert [r["path"] for r in journal.set_aside(Lake(str(tmp_path / "lake")))] == [
        str(tmp_path / "a.json")
    ]


def test_a_file_that_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    from sharedline.trail.ingest import Reader, Run
    from sharedline.trail.sources import Aws, Source

    lake = Lake(str(tmp_path / "lake"))
    run_ = Run(lake, lambda _: None)
    reader = Reader(lake, f"{run_.id}-0-", Aws(), lambda batch: run_.take("0", batch))
    reader.read([Source(str(tmp_path / "gone.json"), 1, "x")])
    reader.flush()
    run_.close()
    assert run_.outcome.unread == [
        (str(tmp_path / "gone.json"), "it could not be read (No such file or directory)")
    ]
    assert len(journal.Known(lake)) == 0


def read_all(content: bytes) -> tuple[list[Any], list[str]]:
    """What a file of those bytes gives, as rows, and what is said of it."""
    shape, said = Shape(), []  # type: ignore[var-annotated]
    reading = Reading(shape)
    found = [e for part in reading.parts(inflate(memoryview(content), said.append)) for e in part]
    if not found:
        return [], said + reading.problems
    gathered = columns.Gathered()
    gathered.add(shape, found, [("x", len(found))], pretty=reading.pretty)
    table = columns.finished(gathered.table()[0])
    table.validate(full=True)
    return table.to_pylist(), said + reading.problems


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)
NAMES = [
    *EVENTS[0],
    "resources",
    "readOnly",
    "other",
    "(other)",
    "sessionContext",
    "Records",
    "@timestamp",
]
STRANGE = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), JSON, max_size=8)
MANGLE = st.tuples(
    st.integers(0, 9),  # which record
    st.sampled_from(["cut", "insert", "delete", "replace"]),
    st.floats(0.02, 0.98),
    st.binary(min_size=1, max_size=12)
    | st.sampled_from([b'"', b"{", b"}", b"[", b"]", b",", b"\\"]),
)
FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def mangled(record: bytes, how: str, where: float, what: bytes) -> bytes:
    at = int(len(record) * where)
    what = what.replace(b"\n", b"").replace(b"\r", b"")
    if how == "cut":
        return record[:at]
    if how == "insert":
        return record[:at] + what + record[at:]
    if how == "delete":
        return record[:at] + record[at + len(what) :]
    return record[:at] + what + record[at + len(what) :]


@FUZZ
@given(st.lists(MANGLE, min_size=1, max_size=3), st.sampled_from([",", "\n"]), st.booleans())
def test_mangled_records_lose_no_good_one(mangles: list[Any], sep: str, packed: bool) -> None:
    records = [json.dumps(e, separators=(",", ":")).encode() for e in EVENTS[:10]]
    good = {e["eventID"] for n, e in enumerate(EVENTS[:10]) if n not in {m[0] for m in mangles}}
    for number, how, where, what in mangles:
        records[number] = mangled(records[number], how, where, what)
    body = sep.encode().join(records)
    content = b'{"Records":[' + body + b"]}" if sep == "," else body
    found, _ = read_all(gzip.compress(content) if packed else content)
    assert good <= {row["eventid"] for row in found}


@FUZZ
@given(st.lists(STRANGE, min_size=1, max_size=6), st.integers(0, 3))
def test_strange_records_crash_nothing_and_lose_no_good_one(strange: list[Any], at: int) -> None:
    values = [*EVENTS[:at], *strange, *EVENTS[at:4]]
    for content in (
        json.dumps({"Records": values}),
        json.dumps(values, ensure_ascii=False, indent=1),
        "\n".join(map(json.dumps, values)),
    ):
        found, _ = read_all(content.encode("utf-8", "surrogatepass"))
        assert {e["eventID"] for e in EVENTS[:4]} <= {row["eventid"] for row in found}


@FUZZ
@given(st.binary(max_size=400), st.sampled_from([b"", b"\x1f\x8b", b'{"Records":[', b"{", b"["]))
def test_any_bytes_crash_nothing(content: bytes, start: bytes) -> None:
    read_all(start + content)


SLOW = """
import sys, time
from sharedline.inventory.lake import Lake
from sharedline.trail import ingest as module, journal, writer
module.COMMIT, module.WORTH_FILES, module.FILES = 20, 2, 10
writer.BYTES, writer.AT_ONCE = 1, 4
commit = journal.commit
def slowly(*given):
    time.sleep(0.05)
    commit(*given)
    time.sleep(0.05)
journal.commit = slowly
if __name__ == "__main__":
    module.ingest(Lake(sys.argv[1]), [sys.argv[2]], processes=int(sys.argv[3]))
"""


def committed(lake: Lake) -> list[str]:
    return lake.glob(journal.folder(lake, "ingest", "*.json"))


@pytest.mark.parametrize("processes", (0, 2))
def test_killed_at_any_moment_nothing_is_half_there_and_nothing_lost(
    processes: int, tmp_path: Path
) -> None:
    logs, lake = tmp_path / "logs", Lake(str(tmp_path / "lake"))
    logs.mkdir()
    for number in range(0, 200, 1):
        part = [EVENTS[number], EVENTS[(number + 1) % 200]]
        (logs / f"{number}.json").write_text(json.dumps({"Records": part}))
        with (logs / f"{number}.json").open("a") as stream:
            stream.write(" " * 40_000)
    script = tmp_path / "slow.py"
    script.write_text(SLOW)
    command = [sys.executable, str(script), lake.url, str(logs), str(processes)]
    source = str(Path(store.__file__).parents[2])
    env = {**os.environ, "PYTHONPATH": source}
    killed = 0
    seen: set[str] = set()
    for wait in (0.0, 0.03, 0.08):
        process = subprocess.Popen(command, env=env, start_new_session=True)
        before = len(committed(lake))
        while process.poll() is None and len(committed(lake)) == before:
            time.sleep(0.005)
        time.sleep(wait)
        killed += process.poll() is None
        os.kill(process.pid, signal.SIGKILL) if process.poll() is None else None
        process.wait()
        now = ids(lake)  # readable, without repetitions
        assert seen <= now
        seen = now
    done = ingest(lake, [str(logs)], processes=0)
    assert ids(lake) == first(200)
    assert not done.incomplete
    listed = {lake.path(f.path) for f in journal.files(lake)}
    for _ in range(50):  # a reading process of a killed run may be about to notice
        if set(lake.glob(lake.path("trail", "event", "*", "*", "*"))) == listed:
            break
        time.sleep(0.1)
    assert set(lake.glob(lake.path("trail", "event", "*", "*", "*"))) == listed
    assert killed


def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    from sharedline.inventory.lake import LakeError

    lake = Lake(str(tmp_path / "lake"))
    with (
        journal.running(lake, "one"),
        pytest.raises(LakeError, match="Another process is ingesting"),
        journal.running(lake, "two"),
    ):
        pass
