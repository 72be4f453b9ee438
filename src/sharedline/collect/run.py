"""Accounts x Regions x tables: which are read, in which process, in what order, resumably.

A shard (account x Region) belongs to one process: its budgets need no sharing, and a table is read
once its parent is. Finished tables are journalled, so an interrupted scan goes on where it was.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import multiprocessing
import os
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from multiprocessing import connection
from pathlib import Path
from typing import Any, Protocol

from sharedline.collect.catalogue import catalogue
from sharedline.collect.clients import (
    LAPSED,
    Access,
    Caller,
    CredentialsError,
    Failure,
    Known,
    StoppedError,
)
from sharedline.collect.fetch import Outcome, Reader, Shard
from sharedline.collect.rows import Row
from sharedline.collect.schema import describe
from sharedline.collect.slim import Operations
from sharedline.collect.table import Ref, Table, Type
from sharedline.errors import Error, IncompleteError

#: Calls in flight, tables and shards under way in one process. Threads wait for the network; more
#: than these gain nothing (one process makes about 1,000 calls a second whatever their number).
CALLS, TABLES, SHARDS = 48, 24, 2
#: A journal is written whole, so not after each of a shard's hundred tables: that was a fifth of a
#: scan's CPU (2026-11-21). What a killed process read in the last moment is read again.
SAVE_SECONDS = 0.5


class RowSink(Protocol):
    """Where the rows of one table of a shard go."""

    def add(self, row: Mapping[str, Any]) -> None:
        """Takes one row."""

    def close(self) -> dict[str, Any] | None:
        """Ends the file; its entry for the manifest, or None where there were no rows."""

    def abandon(self) -> None:
        """Drops what was written."""


class Sink(Protocol):
    """Where a scan's rows and journals go; picklable, since every process gets a copy."""

    def open(self, table: str, columns: Mapping[str, Type], shard: Shard) -> RowSink:
        """Where one table of a shard goes."""

    def journal(self, shard: Shard) -> dict[str, Any]:
        """What an earlier run of the scan has finished in the shard."""

    def save_journal(self, shard: Shard, journal: Mapping[str, Any]) -> None:
        """Keeps what is finished."""

    def rows(self, entry: Mapping[str, Any], columns: Iterable[str]) -> list[Row]:
        """Rows of a finished table."""

    def raw(self, shard: Shard, name: str, answer: Any) -> None:
        """Keeps an answer as it came."""

    def finish(self) -> None:
        """Closes what is open."""


@dataclass(frozen=True)
class Job:
    """What every process needs to know; `wanted` maps each chosen table to the columns read."""

    access: Access
    sink: Sink
    wanted: Mapping[str, frozenset[str]]
    tables_folder: Path | None = None
    keep_raw: bool = False
    #: What finding the accounts and Regions has asked already.
    known: Known = field(default_factory=dict)


@dataclass
class Report:
    """What a collection did: journals by shard, calls by (service, operation, Region), processes."""

    journals: dict[Shard, dict[str, Any]] = field(default_factory=dict)
    calls: Counter[tuple[str, str, str]] = field(default_factory=Counter)


@dataclass(frozen=True)
class Step:
    """A moment of progress: `table` was read in `shard`, or only calls were made.

    The first step says how many tables of shards there are in `total`.
    """

    calls: int = 0
    total: int = 0
    shard: Shard | None = None
    table: str = ""
    status: str = ""


Progress = Callable[[Step], None]


def closure(wanted: Mapping[str, frozenset[str]], tables: Mapping[str, Table]) -> dict[str, Any]:
    """The wanted tables with the parents and sources they are read through, and their columns."""
    out: dict[str, set[str]] = {}
    stack = [(name, set(columns)) for name, columns in wanted.items()]
    while stack:
        name, columns = stack.pop()
        if name not in tables:
            continue
        out.setdefault(name, set()).update(columns)
        table = tables[name]
        if table.source and table.source not in out:
            stack.append((table.source, set()))
        if table.parent:
            stack.append((table.parent, set(parent_columns(table))))
    return {name: frozenset(columns) for name, columns in sorted(out.items())}


def parent_columns(table: Table) -> frozenset[str]:
    """The columns of the parent's rows that the table's calls and columns ask for."""
    refs: set[str] = set()

    def visit(value: Any) -> None:
        if isinstance(value, Ref) and value.source == "parent":
            refs.add(value.path)
        elif isinstance(value, Mapping):
            for v in value.values():
                visit(v)
        elif isinstance(value, list | tuple):
            for v in value:
                visit(v)

    visit(table.columns)
    for call in table.calls():
        visit(call.params)
    return frozenset(refs | {"arn", "account_id", "region"})


def roots(shard: Shard, wanted: Iterable[str], tables: Mapping[str, Table], home: str) -> list[str]:
    """The tables to list in a shard; organisation tables only with the account the scan began in."""
    out = []
    for name in wanted:
        table = tables[name]
        if table.source:
            continue
        scope = table.scope
        if shard.is_global != (scope != "region"):
            continue
        if scope == "organization" and home and shard.account_id != home:
            continue
        out.append(name)
    return out


def operations(wanted: Iterable[str], tables: Mapping[str, Table]) -> Operations:
    """The operations that the wanted tables call, by service."""
    found: dict[str, set[str]] = {}
    for name in wanted:
        table = tables[name]
        for call in table.calls():
            found.setdefault(call.service or table.service, set()).add(call.operation)
        for action in table.actions:  # those that `prepare` calls, mostly of the operation's name
            found.setdefault(table.service, set()).add(action.partition(":")[2])
    return {service: frozenset(names) for service, names in found.items()}


class ShardRun:
    """Reads all tables of one shard, parents first, journalling each as it ends."""

    def __init__(
        self,
        job: Job,
        caller: Caller,
        pools: tuple[ThreadPoolExecutor, ThreadPoolExecutor],
        tables: Mapping[str, Table],
        shard: Shard,
        progress: Progress,
        plans: dict[str, Any] | None = None,
    ) -> None:
        self._job, self._shard, self._tables, self._progress = job, shard, tables, progress
        self._units = pools[1]
        raw = job.sink.raw if job.keep_raw else None
        self._reader = Reader(caller, pools[0], tables, job.wanted, raw, plans)
        self._roots = roots(shard, job.wanted, tables, job.access.base_account)
        self._children: dict[str, list[str]] = {}
        for name in job.wanted:
            if source := tables[name].source:
                self._children.setdefault(source, []).append(name)
        self._keep = self._kept_columns()
        self._keys: dict[str, list[Row]] = {}
        self._failed: dict[str, list[Failure]] = {}
        self._lock = threading.Lock()
        self._journal: dict[str, Any] = dict(job.sink.journal(shard))
        self._saved = time.monotonic()

    def _kept_columns(self) -> dict[str, frozenset[str]]:
        keep: dict[str, frozenset[str]] = {}
        for name in self._roots:
            parent = self._tables[name].parent
            if parent:
                keep[parent] = keep.get(parent, frozenset()) | parent_columns(self._tables[name])
        return keep

    def _root_of(self, name: str) -> str:
        while self._tables[name].source:
            name = self._tables[name].source
        return name

    def run(self, stop: threading.Event) -> dict[str, Any]:
        """The shard's journal once every table was read (or failed and says so)."""
        try:
            self._read_all(stop)
        except BaseException:
            with contextlib.suppress(Error):  # the disk is full, perhaps; the first error matters
                self._save()
            raise
        self._save()
        return self._journal

    def _read_all(self, stop: threading.Event) -> None:
        waiting = set(self._roots)
        under_way: dict[Future[None], str] = {}
        done: set[str] = set()
        while waiting or under_way:
            for name in sorted(waiting):
                parent = self._tables[name].parent
                if stop.is_set():
                    waiting.clear()
                    break
                if not parent or self._root_of(parent) in done:
                    waiting.discard(name)
                    under_way[self._units.submit(self._unit, name)] = name
            if not under_way:
                break
            finished, _ = wait(under_way, return_when=FIRST_COMPLETED)
            for future in finished:
                name = under_way.pop(future)
                try:
                    future.result()
                except BaseException:
                    stop.set()
                    wait(under_way)
                    raise
                done.add(name)

    def _save(self) -> None:
        with self._lock:
            self._job.sink.save_journal(self._shard, self._journal)
            self._saved = time.monotonic()

    def _family(self, name: str) -> list[str]:
        found = [name]
        for other in self._children.get(name, ()):
            found += self._family(other)
        return found

    def _unit(self, name: str) -> None:
        family = self._family(name)
        if all(self._journal.get(n, {}).get("status") == "ok" for n in family):
            self._restore(family)
            return
        parent = self._tables[name].parent
        sinks: dict[str, RowSink] = {}
        errors: dict[str, Counter[str]] = {n: Counter() for n in family}
        for member in family:
            schema = describe(self._tables[member], dict(self._tables))
            columns = {c.name: c.type for c in schema.columns}
            sinks[member] = self._job.sink.open(member, columns, self._shard)

        def emit(table: str, row: Row) -> None:
            sinks[table].add(row)
            if row["_errors"]:
                errors[table].update(row["_errors"])

        try:
            outcome = self._reader.read(
                name, self._shard, self._keys.get(parent, ()), self._keep, emit
            )
            outcome.failures += self._failed.get(parent, [])
            self._check_credentials(outcome, errors)
        except BaseException:
            for sink in sinks.values():
                sink.abandon()
            raise
        self._record(family, outcome, sinks, errors)

    def _record(
        self,
        family: list[str],
        outcome: Outcome,
        sinks: Mapping[str, RowSink],
        errors: Mapping[str, Counter[str]],
    ) -> None:
        entries = {
            member: {
                "status": outcome.status,
                "failures": [asdict(f) for f in outcome.failures[:20]],
                "row_errors": dict(errors[member]),
                "file": sinks[member].close(),
            }
            for member in family
        }
        with self._lock:
            self._keys.update(outcome.keys)
            for member in family:
                self._failed[member] = outcome.failures
            self._journal.update(entries)
            due = time.monotonic() - self._saved > SAVE_SECONDS
        if due:
            self._save()
        self._progress(Step(shard=self._shard, table=family[0], status=outcome.status))

    def _restore(self, family: list[str]) -> None:
        for member in family:
            entry = self._journal[member]["file"]
            if member in self._keep and entry:
                self._keys[member] = self._job.sink.rows(entry, sorted(self._keep[member]))
        self._progress(Step(shard=self._shard, table=family[0], status="ok"))

    def _check_credentials(self, outcome: Outcome, errors: Mapping[str, Counter[str]]) -> None:
        """Stops the scan once the credentials lapse: what follows would all be unknown."""
        codes = {failure.code for failure in outcome.failures}
        codes |= {said.partition(" ")[2] for counts in errors.values() for said in counts}
        lapsed = sorted(codes & LAPSED)
        if lapsed:
            raise CredentialsError(
                f"The credentials expired while {outcome.table} was read ({lapsed[0]}).",
                "Renew them and run `sharedline scan --resume`; what was read is kept.",
            )


def work(
    job: Job,
    caller: Caller,
    shards: Iterable[Shard],
    progress: Progress,
    stop: threading.Event,
    done: Callable[[Shard, dict[str, Any]], None],
) -> None:
    """Reads shards, several at a time, in this process."""
    tables = catalogue(job.tables_folder)
    plans: dict[str, Any] = {}
    iterator, lock = iter(shards), threading.Lock()
    problems: list[BaseException] = []
    caller.stop, caller.known = stop, job.known

    def lane(pools: tuple[ThreadPoolExecutor, ThreadPoolExecutor]) -> None:
        while not stop.is_set():
            with lock:
                shard = next(iterator, None)
            if shard is None:
                return
            try:
                run = ShardRun(job, caller, pools, tables, shard, progress, plans)
                journal = run.run(stop)
                caller.forget(shard.account_id, shard.region)
                if not stop.is_set():
                    done(shard, journal)
            except StoppedError:  # another lane says why
                stop.set()
            except BaseException as error:  # noqa: BLE001 raised again below, in the caller's thread
                problems.append(error)
                stop.set()

    with ThreadPoolExecutor(CALLS) as calls, ThreadPoolExecutor(TABLES) as units:
        lanes = [threading.Thread(target=lane, args=((calls, units),)) for _ in range(SHARDS)]
        for thread in lanes:
            thread.start()
        try:
            _follow(lanes, caller, progress)
        except BaseException:  # Ctrl-C: no further call is made, what is finished is kept
            stop.set()
            raise
    job.sink.finish()
    if problems:
        raise problems[0]


def _follow(lanes: list[threading.Thread], caller: Caller, progress: Progress) -> None:
    """Tells of the calls made until all lanes have ended."""
    told = 0
    while any(thread.is_alive() for thread in lanes):
        for thread in lanes:
            thread.join(timeout=0.05)
        total = caller.counts.total()
        if total != told:
            progress(Step(calls=total - told))
            told = total


def collect(
    job: Job,
    shards: Sequence[Shard],
    *,
    processes: int,
    progress: Progress,
    session: Any = None,
) -> Report:
    """Reads all shards; `processes=0` stays in this process and uses `session`."""
    report = Report()
    tables, home = catalogue(job.tables_folder), job.access.base_account
    progress(Step(total=sum(len(roots(s, job.wanted, tables, home)) for s in shards)))
    if processes <= 0:
        caller = Caller(job.access, session, operations(job.wanted, tables))
        work(job, caller, shards, progress, threading.Event(), report.journals.__setitem__)
        report.calls = caller.counts
        return report
    with contextlib.suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)  # this process waits from here on
    context = multiprocessing.get_context("spawn")
    workers: dict[Any, Any] = {}
    try:
        for _ in range(processes):
            # A pipe for each: a process that is killed can leave no lock or half a message behind
            # that another would wait for, and its end is seen at once.
            ours, theirs = context.Pipe()
            process = context.Process(target=_worker, args=(job, theirs), daemon=True)
            process.start()
            theirs.close()
            workers[ours] = process
        _listen(dict(workers), deque(shards), report, progress)
    finally:
        for pipe, process in workers.items():
            process.terminate()
            process.join(5)
            pipe.close()
    missing = [s for s in shards if s not in report.journals]
    if missing:
        raise IncompleteError(
            f"A collecting process died; {len(missing)} of {len(shards)} account x Region shards "
            "were not finished.",
            "Run `sharedline scan --resume`; what was read is kept.",
        )
    return report


def _listen(
    workers: dict[Any, Any], waiting: deque[Shard], report: Report, progress: Progress
) -> None:
    """Hands out shards and gathers what comes back, until every process is done or dead."""
    while workers:
        ready: list[Any] = list(connection.wait(list(workers)))
        for pipe in ready:
            try:
                kind, value = pipe.recv()
                if kind == "next":
                    pipe.send(waiting.popleft() if waiting else None)
            except (EOFError, OSError):  # killed; the others go on
                del workers[pipe]
                continue
            if kind == "step":
                progress(value)
            elif kind == "shard":
                report.journals[value[0]] = value[1]
            elif kind == "error":
                raise value
            elif kind == "done":
                report.calls.update(value)
                del workers[pipe]


def _worker(job: Job, pipe: Any) -> None:
    """One process: asks for shards until there are none; ends when its parent does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    _little_slack()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    named = operations(job.wanted, catalogue(job.tables_folder))
    gc.freeze()  # what was imported is never garbage, and collections look through all of it
    caller, lock = Caller(job.access, operations=named), threading.Lock()

    def tell(kind: str, value: Any) -> None:
        with lock:
            pipe.send((kind, value))

    def shards() -> Iterable[Shard]:
        while True:
            tell("next", None)
            shard = pipe.recv()
            if shard is None:
                return
            yield shard

    try:
        work(
            job,
            caller,
            shards(),
            lambda step: tell("step", step),
            threading.Event(),
            lambda shard, journal: tell("shard", (shard, journal)),
        )
    except Error as error:
        tell("error", error)
    else:
        tell("done", caller.counts)


def _little_slack() -> None:
    """Has glibc's malloc give memory back: 180 MB in a process became 140 (2026-11-21)."""
    with contextlib.suppress(OSError, AttributeError):  # another C library
        libc = ctypes.CDLL(None)
        libc.mallopt(-8, 2)  # M_ARENA_MAX: not one arena for each of eighty threads
        libc.mallopt(-1, 128 << 10)  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD: parsed models are large
        libc.mallopt(-3, 64 << 10)


def _end_with_parent() -> None:
    """An orphan would go on calling AWS and writing into the scan that somebody resumes."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
