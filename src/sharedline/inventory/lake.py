"""The lake's folders: where scans lie, how one is committed, and what a reader may see.

A scan exists for readers once its `manifest.json` is written, which is the last thing a scan does;
until then its files and journals are there to be resumed.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import json
import os
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

try:
    import fcntl
except ImportError:  # Windows has none
    fcntl = None  # type: ignore[assignment]

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from sharedline.collect.table import Type
from sharedline.errors import Error

#: Raised when files change so that an older reader would misread them.
LAKE_VERSION = 1

ARROW: Mapping[Type, pa.DataType] = {
    "string": pa.string(),
    "bool": pa.bool_(),
    "int": pa.int64(),
    "double": pa.float64(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "strings": pa.list_(pa.string()),
    "json": pa.string(),
}
ROWS_PER_GROUP = 5_000


class LakeError(Error):
    """The lake cannot be read or written."""


def arrow_schema(columns: Mapping[str, Type]) -> pa.Schema:
    """The Arrow schema of columns by name."""
    return pa.schema([(name, ARROW[kind]) for name, kind in columns.items()])


@dataclass(frozen=True)
class Manifest:
    """A committed scan: what was read, by whom, when, with what failures."""

    id: str
    as_of: datetime
    started: datetime
    ended: datetime
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    data: Mapping[str, Any]

    @property
    def failures(self) -> list[dict[str, Any]]:
        """The listings that failed: account, region, table, call, code, message."""
        return list(self.data.get("failures", ()))

    @property
    def incomplete(self) -> bool:
        """Whether anything at all could not be read."""
        return bool(self.data.get("failures") or self.data.get("row_errors"))


class Lake:
    """A folder of the local disk or of an object store (any fsspec URL)."""

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            self.fs, self.root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise LakeError(
                f"The lake {url} cannot be opened ({error}).",
                "Install what its kind needs (for s3:// `pip install 'sharedline[s3]'`), or name a "
                "folder.",
            ) from error
        self.local = "file" in (
            self.fs.protocol if isinstance(self.fs.protocol, tuple) else (self.fs.protocol,)
        )

    def path(self, *parts: str) -> str:
        """A path below the lake, without the protocol."""
        return "/".join((self.root.rstrip("/"), *parts))

    def uri(self, path: str) -> str:
        """What an engine is given to read the path."""
        return path if self.local else self.fs.unstrip_protocol(path)

    # -- bytes -------------------------------------------------------------------------------

    def write(self, path: str, data: bytes) -> None:
        """Writes a whole file, so that no reader ever sees half of it."""
        with writing(path):
            self.fs.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
            if not self.local:
                self.fs.pipe_file(path, data)
                return
            temporary = f"{path}.{uuid.uuid4().hex[:8]}.tmp"
            try:
                with self.fs.open(temporary, "wb") as stream:
                    stream.write(data)
                os.replace(temporary, path)  # noqa: PTH105 the path is a plain string here
            except OSError:
                with contextlib.suppress(OSError):
                    self.fs.rm_file(temporary)
                raise

    def read_json(self, path: str) -> Any:
        """The JSON of a file; None where there is no such file."""
        try:
            return json.loads(self.fs.cat_file(path))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except ValueError as error:
            raise LakeError(
                f"{path} is not valid JSON ({error}).",
                "It may be half-written: delete the scan's folder, or restore it from a copy.",
            ) from error
        except OSError as error:
            raise LakeError(
                f"{path} cannot be read ({error}).", "Check the folder's permissions."
            ) from error

    @contextlib.contextmanager
    def locked(self, scan: str, *, wait: bool = False) -> Iterator[None]:
        """Keeps other processes of this machine from working on a scan; freed by any end of ours.

        An object store has no locks: there two resumers of one scan must be kept apart by people.
        """
        if not self.local or fcntl is None:
            yield
            return
        path = self.path("scans", scan, "lock")
        with writing(path):
            self.fs.makedirs(self.path("scans", scan), exist_ok=True)
            stream = open(path, "ab")  # noqa: SIM115, PTH123 held until the scan ends
        with stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError as error:
                raise LakeError(
                    f"Scan {scan} is being made by another process.", "Wait until it ends."
                ) from error
            yield

    def busy(self, scan: str) -> bool:
        """Whether another process is working on a scan."""
        try:
            with self.locked(scan):
                return False
        except LakeError:
            return True

    def glob(self, pattern: str) -> list[str]:
        """Paths that match, sorted."""
        return sorted(str(p) for p in self.fs.glob(pattern))

    def entry(self, path: str, rows: int) -> dict[str, Any]:
        """A file's entry for the manifest."""
        digest = hashlib.sha256()
        with self.fs.open(path, "rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
        relative = path.removeprefix(self.root.rstrip("/") + "/")
        return {"path": relative, "rows": rows, "sha256": digest.hexdigest()}

    def adopt(self, temporary: str, path: str) -> dict[str, Any]:
        """Gives a local file that an engine wrote its final name; its entry for the manifest."""
        os.replace(temporary, path)  # noqa: PTH105
        return self.entry(path, pq.read_metadata(path).num_rows)

    # -- scans -------------------------------------------------------------------------------

    def scan_folder(self, scan: str) -> str:
        """Where a scan keeps its plan, journals and manifest."""
        return self.path("scans", scan)

    def scans(self) -> list[Manifest]:
        """The committed scans, oldest first."""
        found = []
        for path in self.glob(self.path("scans", "*", "manifest.json")):
            manifest = self.manifest(path.rsplit("/", 2)[1])
            if manifest:
                found.append(manifest)
        return sorted(found, key=lambda m: (m.as_of, m.started, m.id))

    def manifest(self, scan: str) -> Manifest | None:
        """A committed scan by id."""
        path = self.path("scans", scan, "manifest.json")
        data = self.read_json(path)
        if data is None and not self.fs.exists(path):
            return None
        if not isinstance(data, dict):
            raise _damaged(scan, "it is not a JSON object")
        version = data.get("lake_version", 0)
        if not isinstance(version, int):
            raise _damaged(scan, "its lake_version is not a number")
        if version > LAKE_VERSION:
            raise LakeError(
                f"The scan {scan} was written by a newer Sharedline ({data.get('version')}).",
                "Upgrade Sharedline to read it; nothing was changed.",
            )
        missing = _NEEDED - set(data)
        if missing:
            raise _damaged(scan, f"it lacks {', '.join(sorted(missing))}")
        try:
            return Manifest(
                id=data["id"],
                as_of=datetime.fromisoformat(data["as_of"]),
                started=datetime.fromisoformat(data["started"]),
                ended=datetime.fromisoformat(data["ended"]),
                accounts=tuple(data["accounts"]),
                regions=tuple(data["regions"]),
                data=data,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(scan, str(error)) from error

    def latest(self, scan: str = "") -> Manifest:
        """The scan of that id (or the start of one), or the newest; `Error` where there is none."""
        scans = self.scans()
        chosen = [m for m in scans if m.id.startswith(scan)] if scan else scans
        if not chosen:
            known = ", ".join(m.id for m in scans[-5:]) or "none"
            what = f"There is no scan {scan!r}" if scan else "There is no finished scan"
            raise LakeError(
                f"{what} in {self.url} (scans: {known}).", "Run `sharedline scan` first."
            )
        return chosen[-1]

    def unfinished(self) -> list[str]:
        """Scans that were started and have no manifest, oldest first."""
        plans = self.glob(self.path("scans", "*", "plan.json"))
        started = [p.rsplit("/", 2)[1] for p in plans]
        return [s for s in started if not self.fs.exists(self.path("scans", s, "manifest.json"))]

    def files(self, manifest: Manifest, kind: str, name: str) -> list[str]:
        """The files of a table in a scan, as the manifest lists them (never by looking)."""
        return [
            self.path(entry["path"])
            for entry in manifest.data.get("files", ())
            if entry["kind"] == kind and entry["table"] == name
        ]


_NEEDED = frozenset({"files", "tables", "listings", "row_errors", "checks"})


def _damaged(scan: str, why: str) -> LakeError:
    return LakeError(
        f"The manifest of scan {scan} is damaged ({why}).",
        "Delete the scan's folder, or restore it from a copy.",
    )


@contextlib.contextmanager
def writing(path: str) -> Iterator[None]:
    """Turns a failure to write into a `LakeError` that says what to do."""
    try:
        yield
    except OSError as error:
        raise _disk(error, path) from error


def _disk(error: OSError, path: str) -> LakeError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return LakeError(
            f"The disk is full: {path} could not be written.",
            "Free some space and run `sharedline scan --resume`; what was read is kept.",
        )
    return LakeError(f"{path} could not be written ({error}).", "Check the folder's permissions.")


class TableWriter:
    """Streams rows of one table into one Parquet file, which appears whole or not at all."""

    def __init__(self, lake: Lake, path: str, columns: Mapping[str, Type]) -> None:
        self._lake, self.path, self._columns = lake, path, columns
        self._names = tuple(columns)
        self._rows: list[Mapping[str, Any]] = []
        self._writer: pq.ParquetWriter | None = None
        self._stream: BinaryIO | None = None
        self._temporary = f"{path}.tmp"
        self.rows = 0

    @functools.cached_property
    def _schema(self) -> pa.Schema:  # most tables of most Regions have no row and need none
        return arrow_schema(self._columns)

    def add(self, row: Mapping[str, Any]) -> None:
        """Adds one row; flushed to the file every `ROWS_PER_GROUP` rows."""
        self._rows.append(row)
        if len(self._rows) >= ROWS_PER_GROUP:
            self._flush()

    def add_batch(self, batch: pa.Table) -> None:
        """Adds an Arrow table with the writer's columns."""
        self._flush()
        with writing(self.path):
            self._open().write_table(batch.select(self._names).cast(self._schema))
        self.rows += batch.num_rows

    def _open(self) -> pq.ParquetWriter:
        if self._writer is None:
            self._lake.fs.makedirs(self.path.rsplit("/", 1)[0], exist_ok=True)
            target = self._temporary if self._lake.local else self.path
            self._stream = self._lake.fs.open(target, "wb")
            self._writer = pq.ParquetWriter(self._stream, self._schema, compression="zstd")
        return self._writer

    def _flush(self) -> None:
        if not self._rows:
            return
        arrays = [
            pa.array([row.get(name) for row in self._rows], type=self._schema.field(name).type)
            for name in self._names
        ]
        with writing(self.path):
            self._open().write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self.rows += len(self._rows)
        self._rows = []

    def close(self) -> dict[str, Any] | None:
        """Finishes the file; its entry for the manifest, or None where there were no rows."""
        try:
            self._flush()
            if self._writer is None or self._stream is None:
                return None
            with writing(self.path):
                self._writer.close()
                self._stream.close()
                if self._lake.local:
                    os.replace(self._temporary, self.path)  # noqa: PTH105
                return self._lake.entry(self.path, self.rows)
        except LakeError:
            self.abandon()
            raise

    def abandon(self) -> None:
        """Drops an unfinished file."""
        # What cannot be written (a full disk) cannot be closed either: the file is dropped anyway.
        for part in (self._writer, self._stream):
            if part is not None:
                with contextlib.suppress(OSError, ValueError):
                    part.close()
        if self._stream is not None:
            target = self._temporary if self._lake.local else self.path
            with contextlib.suppress(OSError):
                self._lake.fs.rm_file(target)
        self._writer, self._stream, self._rows = None, None, []


def new_scan_id(moment: datetime) -> str:
    """An id that sorts by time and never repeats: `20261121T190102Z-1a2b3c`."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:6]}"


def batches(table: pa.Table, size: int = 50_000) -> Iterator[pa.Table]:
    """A table in slices."""
    for start in range(0, table.num_rows, size):
        yield table.slice(start, size)
