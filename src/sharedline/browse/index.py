"""A scan made ready for pages: a file that is made once, shared by processes, made again if damaged."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import shutil
import sqlite3
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # Windows has none
    fcntl = None  # type: ignore[assignment]

from sharedline.browse.base import Bases
from sharedline.browse.build import VERSION, build
from sharedline.browse.fields import Kind, Words
from sharedline.browse.pool import Pool, asked, counting, looking_up
from sharedline.errors import Error, Unavailable
from sharedline.inventory.lake import Lake, LakeError, Manifest
from sharedline.project import Project
from sharedline.results import Results

FOLDER = ".pages"
#: Files of so many scans are kept, and of each answers of so many rows together.
KEEP, ANSWERS = 4, 300_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _DamagedError(Exception):
    """The file is not what was written."""


class Index:
    """One scan's rows; several threads may ask at once. Every list of rows is of tuples."""

    def __init__(self, path: Path, key: str, manifest: Manifest, project: Project) -> None:
        import duckdb

        self.path, self.key, self.manifest, self.project = path, key, manifest, project
        self._lock = threading.Lock()
        self._answers: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._weight = 0
        self.bases = Bases()
        self._con: Any = None
        self._rows = looking_up(path)
        try:
            self._con, self._counts = counting(path)
            self.meta: dict[str, Any] = json.loads(asked(self._counts, "from meta")[0][0])
            self.words = _words(self._counts)
            rows = asked(self._rows, "select count(*) from row")[0][0]
            if self.meta["version"] != VERSION or rows != sum(self.meta["sections"]):
                raise ValueError("not what was written")  # noqa: TRY301 as if it could not be read
        except (duckdb.Error, sqlite3.Error, ValueError, LookupError, TypeError) as error:
            self.close()
            raise _DamagedError(str(error)) from error

    @property
    def as_of(self) -> datetime:
        """The scan's moment."""
        return self.manifest.as_of

    @property
    def gaps(self) -> int:
        """How many gaps there are; their ranks are 1 to this."""
        return int(self.meta["sections"][0])

    def ask(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of one SELECT; `Error` where the files turn out to be damaged."""
        import duckdb

        try:
            return asked(self._counts, sql, parameters)
        except (duckdb.IOException, duckdb.SerializationException, duckdb.FatalException) as error:
            raise self._damaged() from error

    def look_up(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The same of the table `row`, for a few rows by their ranks."""
        try:
            return asked(self._rows, sql, parameters)
        except sqlite3.DatabaseError as error:
            raise self._damaged() from error

    def _damaged(self) -> Error:
        shutil.rmtree(self.path, ignore_errors=True)
        return Error("What the pages keep of the scan is damaged.", "Load the page again.")

    def kept(self, key: Any, make: Callable[[], Any], weight: int = 1) -> Any:
        """What `make` gives, kept while it is asked for; it must not be changed by who gets it."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key][0]
        made = make()
        weight += len(made) if isinstance(made, list) else 0
        with self._lock:
            if key not in self._answers:
                self._answers[key] = (made, weight)
                self._weight += weight
            while self._weight > ANSWERS:
                self._weight -= self._answers.popitem(last=False)[1][1]
        return made

    def answer(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """As `ask`, kept for the next who asks the same; not to be changed."""
        made: list[tuple[Any, ...]] = self.kept(
            (sql, *parameters), lambda: self.ask(sql, parameters)
        )
        return made

    @functools.cached_property
    def results(self) -> Results:
        """The scan itself, for what the rows do not hold; one thread at a time (see `reading`)."""
        return Results(Lake(self.project.lake_url), self.manifest, self.project)

    @functools.cached_property
    def reading(self) -> threading.Lock:
        """Held while `results` is asked."""
        return threading.Lock()

    def close(self) -> None:
        """Frees the connections; who is asking just now still gets an answer."""
        self._rows.close()
        if self._con is not None:
            self._counts.close()
            self._con.close()
        if "results" in self.__dict__:
            self.results.duck.close()


def moment(microseconds: int | None) -> datetime | None:
    """A stored time as a time in UTC."""
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)


def _words(pool: Pool) -> Words:
    places: dict[str, dict[int, str]] = {"owner": {}, "account": {}, "region": {}}
    for field, code, text in asked(pool, "select field, code, text from word"):
        places[field][code] = text
    kinds = {
        row[0]: Kind(*row[1:])
        for row in asked(pool, "select code, severity, duty, service, check_id from kind")
    }
    numbers = {f: {text: code for code, text in known.items()} for f, known in places.items()}
    return Words(places, kinds, numbers)


def key_of(project: Project, manifest: Manifest, before: Manifest | None) -> str:
    """Changes when the scan is judged again, or what it is compared with."""
    told: list[Any] = [VERSION]
    for one in (manifest, before):
        if one is not None:
            files = sorted(f["sha256"] for f in one.data["files"] if f["kind"] == "findings")
            told.append([one.id, one.data.get("intent"), one.data.get("reassessed"), files])
    if project.artifact.is_dir():  # what proves AWS's duties stands in the cells
        found = (p.stat() for p in sorted(project.artifact.rglob("*")) if p.is_file())
        told.append([(s.st_mtime_ns, s.st_size) for s in found])
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]


def before_of(scans: Sequence[Manifest], manifest: Manifest) -> Manifest | None:
    """The newest scan earlier than this one."""
    earlier = [m for m in scans if m.as_of < manifest.as_of]
    return earlier[-1] if earlier else None


def open_index(project: Project, scan: str = "", scans: Sequence[Manifest] | None = None) -> Index:
    """The index of a scan (its id or the start of it), or of the newest; made where it is not there.

    Making takes seconds to a minute; another process that makes it is waited for. The caller closes.

    Raises:
        Error: There is no such scan, or its lake cannot be read.
        Unavailable: The project's folder cannot be written.
    """
    lake = Lake(project.lake_url)
    listed = lake.scans() if scans is None else list(scans)
    chosen = [m for m in listed if m.id.startswith(scan)]
    if not chosen:
        named = f" {scan!r}" if scan else ""
        raise Error(f"There is no finished scan{named}.", "Run `sharedline scan` first.")
    manifest, before = chosen[-1], before_of(listed, chosen[-1])
    key = key_of(project, manifest, before)
    folder = project.folder / FOLDER
    path = folder / f"{manifest.id}.{key}"
    with contextlib.suppress(_DamagedError):
        if path.is_dir():
            os.utime(path)
            return Index(path, key, manifest, project)
    with locked(folder):
        if path.is_dir():  # another process made it while we waited, or it is damaged
            with contextlib.suppress(_DamagedError):
                return Index(path, key, manifest, project)
            shutil.rmtree(path, ignore_errors=True)
        _make(path, lake, manifest, before, project)
        _tidy(folder)
    return Index(path, key, manifest, project)


def _make(
    path: Path, lake: Lake, manifest: Manifest, before: Manifest | None, project: Project
) -> None:
    import duckdb

    results = Results(lake, manifest, project)
    if project.artifact.is_dir():
        from sharedline.comply.standing import inherited

        results.inherited = inherited(results)
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        temporary.mkdir()
        build(temporary, lake, manifest, before, results)
        temporary.replace(path)
    except (duckdb.IOException, duckdb.InvalidInputException, sqlite3.Error, OSError) as error:
        raise LakeError(
            f"What the pages keep of scan {manifest.id} could not be made ({_why(error)}).",
            "Free some space, check the folder's permissions and the lake, and try again.",
        ) from error
    finally:
        results.duck.close()
        shutil.rmtree(temporary, ignore_errors=True)


def _why(error: Exception) -> str:
    """What went wrong, without the path that it happened at: readers of pages see it."""
    return getattr(error, "strerror", None) or type(error).__name__


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One process at a time makes files; an end of ours, whatever its kind, frees the others."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stream = (folder / "lock").open("ab")
    except OSError as error:
        raise Unavailable(
            "What the pages keep of a scan cannot be written.",
            "Check the permissions of the project's folder.",
            str(error),
        ) from error
    with stream:
        if fcntl is not None:
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _tidy(folder: Path) -> None:
    """Removes what was looked at longest ago, and what a killed process left."""
    found = [p for p in folder.iterdir() if p.is_dir()]
    ready = [p for p in found if p.suffix != ".tmp"]
    ready.sort(key=lambda p: p.stat().st_mtime_ns, reverse=True)
    for old in (*ready[KEEP:], *(p for p in found if p.suffix == ".tmp")):
        shutil.rmtree(old, ignore_errors=True)
