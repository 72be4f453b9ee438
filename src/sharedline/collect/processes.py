"""Hands account x Region shards to processes that read them, and gathers what they say.

Where the system can, one process is started and the others are its copies: what all of them need
(the program, service models, rules of endpoints) is then made once and takes memory once.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from multiprocessing import connection
from typing import Any

from sharedline.collect.catalogue import catalogue
from sharedline.collect.clients import Caller
from sharedline.collect.fetch import Shard
from sharedline.collect.run import Job, Progress, Report, Step, operations, roots, work
from sharedline.errors import Error, IncompleteError

#: Elsewhere a copy of a process is not safe (macOS), or there is none (Windows).
COPIES = sys.platform == "linux"


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
    pipes: list[Any] = []
    started: list[Any] = []
    pids: dict[Any, int] = {}
    try:
        for count in [processes] if COPIES else [1] * processes:
            ours, process = _start(job, count)
            pipes += ours
            started.append(process)
        _listen(list(pipes), pids, deque(shards), report, progress)
        for process in started:
            process.join(5)
    finally:
        for pid in pids.values():  # those that have not ended
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        for process in started:
            process.terminate()
            process.join(5)
        for pipe in pipes:
            pipe.close()
    missing = [s for s in shards if s not in report.journals]
    if missing:
        raise IncompleteError(
            f"A collecting process died; {len(missing)} of {len(shards)} account x Region shards "
            "were not finished.",
            "Run `sharedline scan --resume`; what was read is kept.",
        )
    return report


def _start(job: Job, count: int) -> tuple[list[Any], Any]:
    """A process that becomes `count` processes, and a pipe to each of them.

    A pipe for each: a process that is killed can leave no lock or half a message behind that
    another would wait for, and its end is seen at once.
    """
    context = multiprocessing.get_context("spawn")
    pairs = [context.Pipe() for _ in range(count)]
    process = context.Process(target=_worker, args=(job, [t for _, t in pairs]), daemon=True)
    process.start()
    for _, theirs in pairs:
        theirs.close()
    return [ours for ours, _ in pairs], process


def _listen(
    pipes: list[Any], pids: dict[Any, int], waiting: deque[Shard], report: Report, progress: Progress
) -> None:
    """Hands out shards and gathers what comes back, until every process is done or dead.

    `pids` are those of the processes that have said theirs and have not ended.
    """
    while pipes:
        ready: list[Any] = list(connection.wait(pipes))
        for pipe in ready:
            try:
                kind, value = pipe.recv()
                if kind == "next":
                    pipe.send(waiting.popleft() if waiting else None)
            except (EOFError, OSError):  # killed; the others go on
                kind, value = "gone", None
            if kind == "pid":
                pids[pipe] = value
            elif kind == "step":
                progress(value)
            elif kind == "shard":
                report.journals[value[0]] = value[1]
            elif kind == "error":
                raise value
            elif kind in ("gone", "done"):
                if value:
                    report.calls.update(value)
                pipes.remove(pipe)
                pids.pop(pipe, None)


def _worker(job: Job, pipes: list[Any]) -> None:
    """A process for each pipe: asks for shards until there are none; ends when its parent does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    _little_slack()
    caller = Caller(job.access, operations=operations(job.wanted, catalogue(job.tables_folder)))
    if len(pipes) > 1:
        caller.prepare()  # what is read now, the copies need not read
    gc.collect()
    gc.freeze()  # what was imported is never garbage, and collections look through all of it
    pipe, copies = _divide(pipes)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _serve(job, caller, pipe)
    finally:
        for pid in copies:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _divide(pipes: list[Any]) -> tuple[Any, list[int]]:
    """Copies this process for every pipe but the first: the pipe that is ours, and our copies."""
    mine = pipes[0]
    copies: list[int] = []
    for pipe in pipes[1:]:
        pid = os.fork()  # before any thread is started
        if not pid:
            mine, copies = pipe, []
            break
        copies.append(pid)
    for pipe in pipes:
        if pipe is not mine:  # else nobody would see that its owner has died
            pipe.close()
    return mine, copies


def _serve(job: Job, caller: Caller, pipe: Any) -> None:
    lock = threading.Lock()

    def tell(kind: str, value: Any) -> None:
        with lock:
            pipe.send((kind, value))

    def shards() -> Iterator[Shard]:
        while True:
            tell("next", None)
            shard = pipe.recv()
            if shard is None:
                return
            yield shard

    tell("pid", os.getpid())
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
