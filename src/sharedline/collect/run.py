"""Accounts x Regions x tables: which are read, in what order, resumably.

A shard (account x Region) belongs to one process: its budgets need no sharing, and a table is read
once its parent is. Finished tables are journalled, so an interrupted scan goes on where it was.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
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
from sharedline.errors import Error

#: Calls in flight, tables and shards under way in one process. Threads wait for the network; more
#: than these gain nothing (one process makes about 1,000 calls a second whatever their number).
CALLS, TABLES, SHARDS = 32, 20, 1
#: A shard with so few tables under way no longer keeps another from beginning, so that one report
#: that takes minutes (IAM's credentials) holds nothing up; so many may be left over at a time.
NEARLY, LEFT_OVER = 8, 8
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

    def run(
        self, stop: threading.Event, nearly: Callable[[], None] = lambda: None
    ) -> dict[str, Any]:
        """The shard's journal once every table was read (or failed and says so).

        Calls `nearly` (more than once, perhaps) when few of its tables are still under way.
        """
        try:
            self._read_all(stop, nearly)
        except BaseException:
            with contextlib.suppress(Error):  # the disk is full, perhaps; the first error matters
                self._save()
            raise
        self._save()
        return self._journal

    def _read_all(self, stop: threading.Event, nearly: Callable[[], None]) -> None:
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
            if len(under_way) <= NEARLY:
                nearly()
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

    gate = threading.Semaphore(SHARDS)

    def lane(pools: tuple[ThreadPoolExecutor, ThreadPoolExecutor]) -> None:
        while not stop.is_set():
            turn = _Turn(gate)
            try:
                with lock:
                    shard = next(iterator, None)
                if shard is None:
                    return
                run = ShardRun(job, caller, pools, tables, shard, progress, plans)
                journal = run.run(stop, turn.end)
                caller.forget(shard.account_id, shard.region)
                if not stop.is_set():
                    done(shard, journal)
            except StoppedError:  # another lane says why
                stop.set()
            except BaseException as error:  # noqa: BLE001 raised again below, in the caller's thread
                problems.append(error)
                stop.set()
            finally:
                turn.end()

    with ThreadPoolExecutor(CALLS) as calls, ThreadPoolExecutor(TABLES) as units:
        lanes = [
            threading.Thread(target=lane, args=((calls, units),))
            for _ in range(SHARDS + LEFT_OVER)
        ]
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


class _Turn:
    """A place among the shards that are read at a time; given back once."""

    def __init__(self, gate: threading.Semaphore) -> None:
        gate.acquire()
        self._gate: threading.Semaphore | None = gate

    def end(self) -> None:
        """Lets another shard begin."""
        gate, self._gate = self._gate, None
        if gate is not None:
            gate.release()


def _follow(lanes: list[threading.Thread], caller: Caller, progress: Progress) -> None:
    """Tells of the calls made until all lanes have ended."""
    told, ended = 0, False
    while not ended:
        ended = not any(thread.is_alive() for thread in lanes)  # and tells of the last calls
        for thread in lanes:
            thread.join(timeout=0.05)
        total = caller.counts.total()
        if total != told:
            progress(Step(calls=total - told))
            told = total
