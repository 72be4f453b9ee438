"""Events on their way into the lake: gathered, split by day and account, written as Parquet."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sharedline.inventory.lake import Lake, writing
from sharedline.trail.columns import Gathered, finished
from sharedline.trail.decode import Shape
from sharedline.trail.duplicates import unique
from sharedline.trail.journal import File
from sharedline.trail.schema import DICTIONARIES

#: So many events become columns at once, at least; so many, or so many bytes of their JSON parts,
#: are sorted by day and account at once; so many bytes of columns become files.
AT_ONCE, SORT, JSON, BYTES = 256, 8_192, 32 << 20, 56 << 20
_ACCOUNT = re.compile(r"^[A-Za-z0-9_-]{1,40}$")


def write(lake: Lake, path: str, table: pa.Table) -> None:
    """Writes a table as one Parquet file; a journal says later that it counts."""
    with writing(path):
        lake.fs.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        with lake.fs.open(path, "wb") as stream:
            pq.write_table(
                table,
                stream,
                compression="zstd",
                compression_level=1,
                use_dictionary=DICTIONARIES,
                write_statistics=["eventtime", "eventsource", "eventname"],
                row_group_size=64_000,
                store_schema=False,  # else Arrow would give readers dictionaries back
            )


class Writer:
    """Gathers events and writes them out when they are many."""

    def __init__(self, lake: Lake, prefix: str, shape: Shape) -> None:
        self._lake, self._prefix, self._shape = lake, prefix, shape
        self._events: list[Any] = []
        self._sources: list[tuple[str, int]] = []
        self._pretty = False
        self._gathered = Gathered()
        self._tables: dict[tuple[str, str, str], list[pa.Table]] = defaultdict(list)
        self._bytes = self._written = 0
        self.unusable: Counter[tuple[str, str]] = Counter()
        self.duplicates = 0

    def add(self, events: list[Any], source: str, *, pretty: bool) -> None:
        """Takes events of a source; the list is emptied, so that nothing else holds them."""
        self._pretty = self._pretty or pretty
        self._events += events
        self._sources.append((source, len(events)))
        events.clear()
        if len(self._events) >= AT_ONCE:
            self._gather()
        if self._shape.learnt:
            self._gather()
            self._shape.renew()
        if self._gathered.rows >= SORT or self._gathered.bytes >= JSON:
            self._sort()

    @property
    def full(self) -> bool:
        """Whether it is time to write."""
        return self._bytes >= BYTES

    def _gather(self) -> None:
        """Turns events into columns."""
        if self._events:
            self._gathered.add(self._shape, self._events, self._sources, pretty=self._pretty)
            self._events, self._sources, self._pretty = [], [], False

    def _sort(self) -> None:
        """Sorts what was gathered by day and account."""
        if self._gathered.rows:
            table, unusable = self._gathered.table()
            self._gathered = Gathered()
            self.unusable.update(unusable)
            self._bytes += table.nbytes
            for partition, part in _split(table):
                self._tables[partition].append(part)

    def flush(self) -> list[File]:
        """Writes all that was gathered; the files."""
        self._gather()
        self._sort()
        made = []
        for (kind, day, account), tables in self._tables.items():
            whole = finished(pa.concat_tables(tables))
            table = unique(whole)
            self.duplicates += whole.num_rows - table.num_rows
            name = f"{self._prefix}{self._written:05d}.parquet"
            path = f"trail/{kind}/day={day}/account={account}/{name}"
            write(self._lake, self._lake.path(path), table)
            made.append(File(kind, path, table.num_rows, day, account))
        self._written += bool(made)
        self._tables.clear()
        self._bytes = 0
        return made


def _split(table: pa.Table) -> Iterator[tuple[tuple[str, str, str], pa.Table]]:
    """The table by kind, day and account."""
    if not table.num_rows:
        return
    days = table["eventtime"].cast(pa.date32()).combine_chunks().dictionary_encode()
    accounts = table["recipientaccountid"].combine_chunks().dictionary_encode("encode")
    kinds = pc.or_kleene(
        pc.equal(table["eventtype"], "AwsCloudTrailInsight"),
        pc.equal(table["eventcategory"], "Insight"),
    )
    kinds = pc.fill_null(kinds, False).cast(pa.int32())
    wide = len(accounts.dictionary)
    code = pc.add(pc.multiply(days.indices, wide * 2), pc.multiply(accounts.indices, 2))
    code = pc.add(code, kinds)
    groups = pc.unique(code).to_pylist()
    if len(groups) > 1:
        order = pc.sort_indices(code)
        table, code = table.take(order), code.take(order)
    start = 0
    for group in pc.value_counts(code).to_pylist():
        value, count = group["values"], group["counts"]
        day = days.dictionary[value // (wide * 2)].as_py()
        account = accounts.dictionary[value // 2 % wide].as_py() or ""
        account = account if _ACCOUNT.match(account) else "unknown"
        kind = "insight" if value % 2 else "event"
        yield (kind, day.isoformat(), account), table.slice(start, count)
        start += count
