"""What the lake holds of the trail: a journal lists the files that count, and what they came from.

A file that no journal lists does not exist for readers. Event files are written first, the list of
sources next, the journal (one JSON file, written whole) last, so that an end at any moment leaves
either all of a commit or nothing of it.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

try:
    import fcntl
except ImportError:  # Windows has none
    fcntl = None  # type: ignore[assignment]

import pyarrow as pa
import pyarrow.parquet as pq

from sharedline.inventory.lake import Lake, LakeError, writing
from sharedline.trail.sources import Source

VERSION = 1
SOURCES = pa.schema(
    [
        ("key", pa.uint64()),
        ("path", pa.string()),
        ("size", pa.int64()),
        ("tag", pa.string()),
        ("events", pa.int64()),
        ("problem", pa.string()),
    ]
)


@dataclass(frozen=True)
class File:
    """A Parquet file of events: `event` or `insight`, its day and account, its rows."""

    kind: str
    path: str
    rows: int
    day: str
    account: str

    @property
    def partition(self) -> tuple[str, str, str]:
        """What files share that can hold the same event."""
        return (self.kind, self.day, self.account)


@dataclass(frozen=True)
class Read:
    """A source that was read to its end, and what is wrong with it."""

    source: Source
    events: int
    problem: str = ""


def folder(lake: Lake, *parts: str) -> str:
    """A path below the trail's part of the lake."""
    return lake.path("trail", *parts)


def journals(lake: Lake) -> list[dict[str, Any]]:
    """The commits, oldest first."""
    found = []
    for path in lake.glob(folder(lake, "ingest", "*.json")):
        data = lake.read_json(path)
        if data is None:
            continue
        if not isinstance(data, dict) or not isinstance(data.get("files"), list):
            raise LakeError(f"The journal {path} is damaged.", "Restore the lake from a copy.")
        if data.get("version", 0) > VERSION:
            raise LakeError(
                f"The journal {path} was written by a newer Sharedline.", "Upgrade Sharedline."
            )
        found.append(data)
    return found


def files(lake: Lake, kind: str = "event", first: str = "", last: str = "") -> list[File]:
    """The committed files of the days from `first` to `last` (ISO dates, both included)."""
    return [
        file
        for entry in journals(lake)
        for file in (File(**given) for given in entry["files"])
        if file.kind == kind and file.day >= first and (not last or file.day <= last)
    ]


def set_aside(lake: Lake) -> list[dict[str, Any]]:
    """The sources with something wrong, by path: what was read of them, and the reason."""
    found = []
    for path in _source_files(lake):
        with lake.fs.open(path, "rb") as stream:
            table = pq.read_table(stream, columns=["path", "events", "problem"])
        found += table.filter(pa.compute.is_valid(table["problem"])).to_pylist()
    return sorted(found, key=lambda row: str(row["path"]))


def _source_files(lake: Lake) -> list[str]:
    return [
        folder(lake, "ingest", entry["sources"]) for entry in journals(lake) if entry.get("sources")
    ]


class Known:
    """The sources already read; eight bytes each, so that millions fit."""

    def __init__(self, lake: Lake) -> None:
        parts = []
        for path in _source_files(lake):
            with lake.fs.open(path, "rb") as stream:
                parts.append(pq.read_table(stream, columns=["key"])["key"])
        keys = pa.chunked_array([c for p in parts for c in p.chunks], pa.uint64())
        order = pa.compute.sort_indices(keys)
        self._sorted = keys.take(order).combine_chunks() if len(keys) else pa.array([], pa.uint64())
        self._buffer = self._sorted.buffers()[1]
        size = len(self._sorted)
        self._keys: Sequence[int] = (
            memoryview(self._buffer).cast("B")[: 8 * size].cast("Q") if size else ()
        )

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, source: Source) -> bool:
        key = source.key
        at = bisect_left(self._keys, key)
        return at < len(self._keys) and self._keys[at] == key


def new_run(moment: datetime) -> str:
    """An id that sorts by time: `20261121T190102123456Z-1a2b3c`."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%S%fZ}-{uuid.uuid4().hex[:6]}"


@contextlib.contextmanager
def running(lake: Lake, run: str) -> Iterator[None]:
    """One run at a time over a local lake; what an interrupted one left is removed first.

    An object store has no locks: there two runs at once must be kept apart by people.
    """
    mark = folder(lake, "ingest", f"{run}.run")
    with writing(mark):
        lake.fs.makedirs(folder(lake, "ingest"), exist_ok=True)
    with contextlib.ExitStack() as held:
        if lake.local and fcntl is not None:
            stream = held.enter_context(open(folder(lake, "ingest", "lock"), "ab"))  # noqa: PTH123
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise LakeError(
                    f"Another process is ingesting into {lake.url}.", "Wait until it ends."
                ) from error
        _clean(lake)
        lake.write(mark, b"")
        yield
        lake.fs.rm_file(mark)


def _clean(lake: Lake) -> None:
    """Removes the files of interrupted runs that no journal lists."""
    marks = lake.glob(folder(lake, "ingest", "*.run"))
    if not marks:
        return
    entries = journals(lake)
    listed = {lake.path(given["path"]) for entry in entries for given in entry["files"]}
    listed |= {folder(lake, "ingest", entry["sources"]) for entry in entries}
    for mark in marks:
        run = mark.rsplit("/", 1)[1].removesuffix(".run")
        left = lake.glob(folder(lake, "*", "day=*", "account=*", f"{run}-*"))
        left += lake.glob(folder(lake, "ingest", f"{run}-*.parquet"))
        for path in left:
            if path not in listed:
                lake.fs.rm_file(path)
        lake.fs.rm_file(mark)


def commit(
    lake: Lake,
    name: str,
    made: Sequence[File],
    read: Iterable[Read],
    counts: Mapping[str, int],
    started: datetime,
) -> None:
    """Makes files and sources count, all at once."""
    rows = [
        (r.source.key, r.source.path, r.source.size, r.source.tag, r.events, r.problem or None)
        for r in read
    ]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(SOURCES)
    table = pa.table(
        [pa.array(c, f.type) for c, f in zip(columns, SOURCES, strict=True)], schema=SOURCES
    )
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    lake.write(folder(lake, "ingest", f"{name}.parquet"), sink.getvalue().to_pybytes())
    entry = {
        "version": VERSION,
        "id": name,
        "started": started.isoformat(),
        "ended": datetime.now(UTC).isoformat(),
        "sources": f"{name}.parquet",
        "counts": dict(counts),
        "files": [vars(file) for file in made],
    }
    lake.write(folder(lake, "ingest", f"{name}.json"), json.dumps(entry).encode())


def by_partition(found: Iterable[File]) -> dict[tuple[str, str, str], list[File]]:
    """Files by what they share."""
    parts: dict[tuple[str, str, str], list[File]] = defaultdict(list)
    for file in found:
        parts[file.partition].append(file)
    return parts
