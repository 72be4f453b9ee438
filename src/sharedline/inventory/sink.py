"""Where collection's rows go: Parquet files of the lake, and a journal per account x Region."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sharedline.collect.fetch import Shard
from sharedline.collect.rows import as_json
from sharedline.collect.table import Type
from sharedline.inventory.lake import Lake, LakeError, TableWriter, writing


class LakeSink:
    """Writes one scan's tables, journals and (if kept) raw answers into a lake."""

    def __init__(self, url: str, scan: str) -> None:
        self.url, self.scan = url, scan
        self._open()

    def _open(self) -> None:
        self._lake = Lake(self.url)
        self._raw: dict[str, tuple[Any, Any]] = {}
        self._lock = threading.Lock()

    def __getstate__(self) -> tuple[str, str]:
        return (self.url, self.scan)

    def __setstate__(self, state: tuple[str, str]) -> None:
        self.url, self.scan = state
        self._open()

    def _part(self, shard: Shard) -> tuple[str, ...]:
        return (f"scan={self.scan}", f"account={shard.account_id}", f"region={shard.region}")

    def open(self, table: str, columns: Mapping[str, Type], shard: Shard) -> TableWriter:
        """A writer for one table of a shard."""
        path = self._lake.path("inventory", table, *self._part(shard), "part-0.parquet")
        return TableWriter(self._lake, path, columns)

    def _journal_path(self, shard: Shard) -> str:
        name = f"{shard.account_id}.{shard.region}.json"
        return self._lake.path("scans", self.scan, "journal", name)

    def journal(self, shard: Shard) -> dict[str, Any]:
        """What an earlier, interrupted run of this scan has finished in the shard."""
        try:
            found = self._lake.read_json(self._journal_path(shard))
        except LakeError:  # half-written: what it told of is read again
            return {}
        entries = found if isinstance(found, dict) else {}
        return {name: entry for name, entry in entries.items() if self._whole(entry)}

    def _whole(self, entry: Any) -> bool:
        """Whether the file that an entry tells of is there as it was written."""
        if not isinstance(entry, dict) or not {"status", "file", "failures", "row_errors"} <= set(
            entry
        ):
            return False
        file = entry["file"]
        if file is None:
            return True
        try:
            return bool(self._lake.entry(self._lake.path(file["path"]), file["rows"]) == file)
        except (OSError, KeyError, TypeError):
            return False

    def save_journal(self, shard: Shard, journal: Mapping[str, Any]) -> None:
        """Keeps what is finished; written whole, so that a kill leaves the earlier one."""
        self._lake.write(self._journal_path(shard), json.dumps(journal).encode())

    def rows(self, entry: Mapping[str, Any], columns: Iterable[str]) -> list[dict[str, Any]]:
        """Rows of a finished table, for those that are listed per row of it."""
        path = self._lake.path(entry["path"])
        with self._lake.fs.open(path, "rb") as stream:
            table = pq.read_table(stream, columns=list(columns))
        return list(table.to_pylist())

    def raw(self, shard: Shard, name: str, answer: Any) -> None:
        """Appends an answer to the raw evidence of a table (zstd NDJSON)."""
        path = self._lake.path("raw", *self._part(shard), f"{name}.ndjson.zst")
        with self._lock, writing(path):
            if path not in self._raw:
                self._lake.fs.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
                stream = self._lake.fs.open(path, "wb")
                self._raw[path] = (stream, pa.CompressedOutputStream(stream, "zstd"))
            self._raw[path][1].write((as_json(answer) + "\n").encode())

    def finish(self) -> None:
        """Closes the raw evidence."""
        kept, self._raw = self._raw, {}
        for path, (stream, compressed) in kept.items():
            with writing(path):
                compressed.close()
                stream.close()
