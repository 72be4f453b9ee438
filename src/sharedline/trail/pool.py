"""Shares the reading of log files over a few processes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from multiprocessing import connection
from typing import TYPE_CHECKING, Any

from sharedline.errors import Error
from sharedline.inventory.lake import Lake
from sharedline.trail.ingest import work
from sharedline.trail.sources import Aws, Source

if TYPE_CHECKING:
    from sharedline.trail.ingest import Run

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
        for number in range(processes):
            ours, theirs = context.Pipe()
            given = (theirs, lake.url, f"{run.id}-{number}-", aws)
            process = context.Process(target=work, args=given, daemon=True)
            process.start()
            theirs.close()
            started.append(process)
            hands[ours] = _Hand(str(number), chunks)
            for _ in range(_AHEAD):
                hands[ours].give(ours)
        while hands:
            for end in connection.wait(list(hands)):
                _hear(end, hands, run)
    finally:
        for process in started:
            if hands:  # an error: what they still do counts for nothing
                process.terminate()
            process.join()


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
