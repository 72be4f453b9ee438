"""Events that are in the lake twice: found per day and account when a batch is committed.

CloudTrail delivers an event more than once now and then, and people ingest copies of files. Doing
it once at the commit keeps every later query free of it. Events of one `eventID` are compared
whole, since made-up and redacted recordings use an id for many: of 643 labelled events in three
public sets, the id alone would have dropped 93 that differ (counted 2026-11-21).
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sharedline.inventory.engines import Duck
from sharedline.inventory.lake import Lake
from sharedline.trail.decode import loads
from sharedline.trail.journal import File, by_partition
from sharedline.trail.schema import MEMBERS, SCHEMA

#: Columns that do not say what happened.
_APART = frozenset({"source", "other"})
#: The text columns that hold JSON: the order of members and spaces mean nothing there.
_JSON = frozenset(name.lower() for name, kind in MEMBERS.items() if kind == "json")
_SAME = [name for name in SCHEMA.names if name not in _APART]
#: So many ids are compared at once (about 60 MB); a bigger day is compared in several passes.
_AT_ONCE = 2_000_000


def unique(table: pa.Table) -> pa.Table:
    """The table's events without repetitions; those without an id are all kept."""
    ids = table["eventid"].to_pylist()
    if len(set(ids)) == len(ids):
        return table
    times = Counter(ids)
    repeated = [name for name, count in times.items() if name is not None and count > 1]
    keep = _keep(table, pa.array(repeated, pa.string()), set())
    return table if keep is None else table.filter(pa.array(keep))


def _keep(table: pa.Table, repeated: pa.Array, seen: set[bytes]) -> list[bool] | None:
    """For each row whether it is met for the first time; None where all are."""
    suspect = pc.is_in(table["eventid"], repeated)
    if not pc.any(suspect).as_py():
        return None
    firsts = []
    for row in table.filter(suspect).select(_SAME).to_pylist():
        digest = _digest(row)
        firsts.append(digest not in seen)
        seen.add(digest)
    if all(firsts):
        return None
    each = iter(firsts)
    return [next(each) if s else True for s in suspect.to_pylist()]


def _digest(row: dict[str, Any]) -> bytes:
    for name in _JSON:
        if row[name] is not None:
            with contextlib.suppress(ValueError):
                row[name] = loads(row[name])
    text = json.dumps(row, sort_keys=True, default=str)
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()


class Sieve:
    """Finds what new files repeat of each other and of the committed ones."""

    def __init__(self, lake: Lake, committed: Iterable[File]) -> None:
        self._lake = lake
        self._committed = by_partition(committed)
        self._duck: Duck | None = None

    def sift(self, made: Sequence[File]) -> tuple[list[File], int]:
        """The new files, rewritten where they repeated something, and how many events that was."""
        kept: list[File] = []
        dropped = 0
        alone = [
            new[0]
            for partition, new in by_partition(made).items()
            if len(new) == 1 and partition not in self._committed
        ]  # such a file repeats nothing: its own repetitions never came into it
        kept += alone
        for group in self._groups([f for f in made if f not in alone]):
            repeated = self._repeated([f for new, old in group for f in (*new, *old)])
            for new, old in group:
                left = self._rewritten(new, old, repeated) if len(repeated) else new
                dropped += sum(f.rows for f in new) - sum(f.rows for f in left)
                kept += left
        for file in kept:
            self._committed.setdefault(file.partition, []).append(file)
        return kept, dropped

    def close(self) -> None:
        """Frees the engine."""
        if self._duck is not None:
            self._duck.close()

    def _groups(self, made: Sequence[File]) -> Iterable[list[tuple[list[File], list[File]]]]:
        """Partitions in groups that are worth a query each; what needs none comes by itself."""
        group: list[tuple[list[File], list[File]]] = []
        rows = 0
        for partition, new in by_partition(made).items():
            old = self._committed.get(partition, [])
            group.append((new, old))
            rows += sum(f.rows for f in (*new, *old))
            if rows > _AT_ONCE:
                yield group
                group, rows = [], 0
        if group:
            yield group

    def _repeated(self, files: Sequence[File]) -> pa.Array:
        """The ids that occur more than once in the files."""
        if len(files) < 2:
            return pa.array([], pa.string())
        if self._duck is None:
            self._duck = Duck(self._lake, memory="250MB")
            self._duck.con.execute("set threads=1")
            self._duck.con.execute("set temp_directory=?", [tempfile.gettempdir()])
        uris = (self._lake.uri(self._lake.path(f.path)).replace("'", "''") for f in files)
        listed = ", ".join(f"'{uri}'" for uri in uris)
        scan = (
            "(select eventid, hash(eventid) as h from "
            f"read_parquet([{listed}], hive_partitioning=false) where eventid is not null)"
        )
        passes = 1 + sum(f.rows for f in files) // _AT_ONCE
        found: list[Any] = []
        for number in range(passes):
            part = f"h % {passes} = {number}" if passes > 1 else "true"
            twice = f"select h from {scan} where {part} group by h having count(*) > 1"
            if self._duck.query(f"select 1 from ({twice}) limit 1").num_rows:
                sql = f"select distinct eventid from {scan} where h in ({twice})"
                found += self._duck.query(sql)["eventid"].to_pylist()
        return pa.array(found, pa.string())

    def _rewritten(self, new: list[File], old: list[File], repeated: pa.Array) -> list[File]:
        seen: set[bytes] = set()
        for file in old:
            if self._holds(file, repeated):
                _keep(self._read(file), repeated, seen)
        left = []
        for file in new:
            keep = None
            if self._holds(file, repeated):
                table = self._read(file)
                keep = _keep(table, repeated, seen)
            if keep is None:
                left.append(file)
                continue
            if any(keep):
                left.append(self._replace(file, table.filter(pa.array(keep))))
            self._lake.fs.rm_file(self._lake.path(file.path))
        return left

    def _holds(self, file: File, repeated: pa.Array) -> bool:
        ids = self._read(file, ["eventid"])["eventid"]
        return bool(pc.any(pc.is_in(ids, repeated)).as_py())

    def _read(self, file: File, columns: list[str] | None = None) -> pa.Table:
        with self._lake.fs.open(self._lake.path(file.path), "rb") as stream:
            return pq.ParquetFile(stream).read(columns=columns)

    def _replace(self, file: File, table: pa.Table) -> File:
        from sharedline.trail.writer import write

        path = file.path.replace(".parquet", "d.parquet")
        write(self._lake, self._lake.path(path), table)
        return replace(file, path=path, rows=table.num_rows)
