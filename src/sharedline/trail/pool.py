"""Shares the reading of log files over a few processes, of which this one is the first.

That it reads as well, and listens to the others between two chunks, spares the start of a process:
each costs a third to half a second of CPU for its imports (measured 2026-11-22).
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from multiprocessing import connection
from typing import TYPE_CHECKING, Any

from sharedline.errors import Error
from sharedline.inventory.lake import Lake
from sharedline.trail import memory
from sharedline.trail.ingest import Reader, work
from sharedline.trail.sources import Aws, Source

if TYPE_CHECKING:
    from sharedline.trail.ingest import Batch, Run

#: Chunks that wait in each process, so that none stands idle while another is listed.
_AHEAD = 2


class _Hand:
    """Our end of one process: what it is given, and whether it was told that there is no more."""

    def __init__(self, name: str, chunks: Iterator[list[Source]]) -> None:
        self.name, self._chunks, self._told = name, chunks, False

    def give(self, end: Any) -> None:
        """The next chunk; once, that there is none."""
        chunk = next(self._chunks, None)
        if chunk is None and self._told:
            return
        self._told = chunk is None
        end.send(chunk)


def shared_out(
    lake: Lake, run: Run, aws: Aws, chunks: Iterator[list[Source]], processes: int
) -> None:
    """Gives chunks to processes as they ask, and their batches to the run."""
    # A process of ours that ends, in whatever way, closes its end of the pipe: the others notice.
    context = multiprocessing.get_context("spawn")
    hands: dict[Any, _Hand] = {}
    started = []
    try:
        for number in range(1, processes):
            ours, theirs = context.Pipe()
            given = (theirs, lake.url, f"{run.id}-{number}-", aws)
            process = context.Process(target=work, args=given, daemon=True)
            process.start()
            theirs.close()
            started.append(process)
            hands[ours] = _Hand(str(number), chunks)
            for _ in range(_AHEAD):
                hands[ours].give(ours)
        _read(lake, run, aws, chunks, hands)
        while hands:
            _listen(hands, run)
    finally:
        for process in started:
            if hands:  # an error: what they still do counts for nothing
                process.terminate()
            process.join()


def _read(
    lake: Lake, run: Run, aws: Aws, chunks: Iterator[list[Source]], hands: dict[Any, _Hand]
) -> None:
    """Reads in this process what the others have not been given."""

    def take(batch: Batch) -> None:
        run.take("0", batch)
        _listen(hands, run, 0)  # one chunk may be a file of gigabytes

    reader = Reader(lake, f"{run.id}-0-", aws, take)
    memory.keep()
    for chunk in chunks:
        reader.read(chunk)
        _listen(hands, run, 0)
    reader.flush()


def _listen(hands: dict[Any, _Hand], run: Run, wait: float | None = None) -> None:
    """Hears what the others have to say, now or when they do."""
    for end in connection.wait(list(hands), wait):
        _hear(end, hands, run)


def _hear(end: Any, hands: dict[Any, _Hand], run: Run) -> None:
    try:
        what, batch = end.recv()
        if what == "done":
            hands[end].give(end)
    except (EOFError, BrokenPipeError, ConnectionResetError) as error:
        raise Error(
            "A process that reads log files has ended before its time.",
            "If memory was short, use --processes 1; run it again: what was committed is kept.",
        ) from error
    if what == "batch":
        run.take(hands[end].name, batch)
    elif what == "ended":
        del hands[end]
        end.close()
