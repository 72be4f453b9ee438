"""Log files into the lake: what is new is listed, read by a few processes, and committed in turns.

A commit is taken whenever enough has come, so that an interrupted run keeps most of its work, and
more rarely the longer the run, so that looking for repeated events stays a small part of it.
"""

from __future__ import annotations

import contextlib
import gc
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sharedline.inventory.lake import Lake
from sharedline.trail import journal, memory
from sharedline.trail.decode import Shape
from sharedline.trail.duplicates import Sieve
from sharedline.trail.inflate import inflate
from sharedline.trail.journal import File, Known, Read
from sharedline.trail.read import Reading
from sharedline.trail.sources import Aws, Content, Days, Fetcher, Skipped, Source, listed
from sharedline.trail.writer import Writer

#: A process is given so many files, or bytes of them, at once.
FILES, BYTES = 64, 4 << 20
#: With less than this to read, further processes cost more than they bring.
WORTH_FILES, WORTH_BYTES = 400, 6 << 20
#: So many events are committed at once at least, and a quarter of what the run has committed.
COMMIT = 400_000


@dataclass
class Outcome:
    """What came of an ingest."""

    events: int = 0
    insights: int = 0
    duplicates: int = 0
    files: int = 0
    digests: int = 0
    foreign: int = 0
    skipped: Skipped = field(default_factory=Skipped)
    #: Files with something wrong: path, events kept, reason.
    aside: list[tuple[str, int, str]] = field(default_factory=list)
    #: Files that could not be read at all this time, and are tried again the next.
    unread: list[tuple[str, str]] = field(default_factory=list)

    @property
    def incomplete(self) -> bool:
        """Whether anything is missing or in doubt."""
        return bool(self.aside or self.unread)


@dataclass
class Batch:
    """What a reader wrote: files, and the sources that are wholly in these and earlier ones."""

    files: list[File] = field(default_factory=list)
    read: list[Read] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)
    digests: int = 0
    foreign: int = 0
    duplicates: int = 0
    #: Whether a source is only partly in the files; they count with the batch that ends it.
    open: bool = False


class Reader:
    """Reads sources one after another and writes batches of events."""

    def __init__(self, lake: Lake, prefix: str, aws: Aws, send: Callable[[Batch], None]) -> None:
        self._shape = Shape()
        self._writer = Writer(lake, prefix, self._shape)
        self._fetcher = Fetcher(aws)
        self._send = send
        self._batch = Batch()

    def read(self, sources: list[Source]) -> None:
        """Reads the sources; what they hold is sent when it is much."""
        self._fetcher.read(sources, self._use)

    def feed(self, source: Source, blocks: Iterable[bytes]) -> None:
        """Reads a source whose content is at hand."""
        self._consume(source, lambda _: blocks)

    def _use(self, source: Source, content: Content) -> None:
        if isinstance(content, str):
            self._batch.unread.append((source.path, content))
            return
        self._consume(source, lambda say: inflate(content, say))

    def _consume(
        self, source: Source, blocks: Callable[[Callable[[str], None]], Iterable[bytes]]
    ) -> None:
        reading = Reading(self._shape)
        wrong: list[str] = []
        for events in reading.parts(blocks(wrong.append)):
            self._writer.add(events, source.path, pretty=reading.pretty)
            if self._writer.full:
                self.flush(partly=True)
        wrong += reading.problems
        if reading.foreign:
            wrong.append(f"{reading.foreign} JSON values in it are no CloudTrail events")
        self._batch.digests += bool(reading.digests)
        self._batch.foreign += reading.foreign
        self._batch.read.append(Read(source, reading.events, "; ".join(wrong)))

    def flush(self, *, partly: bool = False) -> None:
        """Writes and sends what there is."""
        batch, self._batch = self._batch, Batch()
        batch.files = self._writer.flush()
        batch.duplicates, self._writer.duplicates = self._writer.duplicates, 0
        batch.open = partly
        self._blame(batch)
        self._send(batch)

    def _blame(self, batch: Batch) -> None:
        """Adds to the sources what only showed when their events became columns."""
        unusable, self._writer.unusable = self._writer.unusable, Counter()
        if not unusable:
            return
        reasons: dict[str, dict[str, int]] = {}
        for (path, reason), count in unusable.items():
            reasons.setdefault(path, {})[reason] = count
        kept = []
        for read in batch.read:
            found = reasons.pop(read.source.path, {})
            told = [f"{n} unusable: {r}" for r, n in list(found.items())[:5]]
            problem = "; ".join([*([read.problem] if read.problem else []), *told])
            kept.append(Read(read.source, read.events - sum(found.values()), problem))
        # The rest belong to a source that has not ended: they are told when it has.
        self._writer.unusable.update(
            {(path, r): n for path, counted in reasons.items() for r, n in counted.items()}
        )
        batch.read = kept


class Run:
    """One ingest into a lake: commits what readers send."""

    def __init__(self, lake: Lake, progress: Callable[[Outcome], None]) -> None:
        self._lake, self._progress = lake, progress
        self.started = datetime.now(UTC)
        self.id = journal.new_run(self.started)
        self.outcome = Outcome()
        self._sieve = Sieve(lake, journal.files(lake) + journal.files(lake, "insight"))
        self._held: dict[str, list[Batch]] = {}
        self._ready: list[Batch] = []
        self._commits = self._committed = self._waiting = 0

    def take(self, reader: str, batch: Batch) -> None:
        """A batch of a reader; committed with others when they are enough."""
        held = self._held.setdefault(reader, [])
        held.append(batch)
        if batch.open:
            return
        self._ready += held
        self._waiting += sum(f.rows for b in held for f in b.files)
        self._held[reader] = []
        if self._waiting >= max(COMMIT, self._committed // 4):
            self.commit()

    def commit(self) -> None:
        """Makes what is whole count."""
        ready, self._ready, self._waiting = self._ready, [], 0
        read = [r for b in ready for r in b.read]
        out = self.outcome
        out.unread += [u for b in ready for u in b.unread]
        if not read and not any(b.files for b in ready):
            return
        made, repeated = self._sieve.sift([f for b in ready for f in b.files])
        counts = {
            "events": sum(f.rows for f in made if f.kind == "event"),
            "insights": sum(f.rows for f in made if f.kind == "insight"),
            "duplicates": repeated + sum(b.duplicates for b in ready),
            "files": len(read),
            "digests": sum(b.digests for b in ready),
            "foreign": sum(b.foreign for b in ready),
        }
        name = f"{self.id}-c{self._commits:05d}"
        journal.commit(self._lake, name, made, read, counts, self.started)
        self._commits += 1
        self._committed += sum(f.rows for f in made)
        for key, value in counts.items():
            setattr(out, key, getattr(out, key) + value)
        out.aside += [(r.source.path, r.events, r.problem) for r in read if r.problem]
        self._progress(out)

    def close(self) -> None:
        """Ends the run; what belongs to a source that never ended is removed."""
        self.commit()
        for batch in (b for held in self._held.values() for b in held):
            for file in batch.files:
                self._lake.fs.rm_file(self._lake.path(file.path))
        self._sieve.close()


def ingest(
    lake: Lake,
    places: Iterable[str],
    *,
    aws: Aws | None = None,
    days: Days | None = None,
    processes: int = 2,
    progress: Callable[[Outcome], None] = lambda _: None,
) -> Outcome:
    """Reads what is new below the places into the lake."""
    from sharedline.trail.pool import shared_out

    aws = aws or Aws()
    run = Run(lake, progress)
    with journal.running(lake, run.id):
        known = Known(lake)
        new = _new(listed(places, aws, run.outcome.skipped, days), known, run.outcome.skipped)
        first, more = _look_ahead(new)
        chunks = _chunks(_chain(first, new))
        try:
            if processes > 1 and more:
                shared_out(lake, run, aws, chunks, processes)
            else:
                _here(lake, run, aws, chunks)
        finally:
            gc.enable()
        run.close()
    return run.outcome


def _here(lake: Lake, run: Run, aws: Aws, chunks: Iterable[list[Source]]) -> None:
    """Reads in this process."""
    reader = Reader(lake, f"{run.id}-0-", aws, lambda batch: run.take("0", batch))
    memory.keep()
    for chunk in chunks:
        reader.read(chunk)
    reader.flush()


def _new(sources: Iterable[Source], known: Known, skipped: Skipped) -> Iterator[Source]:
    for source in sources:
        if source in known:
            skipped.known += 1
        else:
            yield source


def _look_ahead(sources: Iterator[Source]) -> tuple[deque[Source], bool]:
    """The first sources, and whether all are worth a second process."""
    seen: deque[Source] = deque()
    size = 0
    for source in sources:
        seen.append(source)
        size += source.size
        if len(seen) >= WORTH_FILES or (size >= WORTH_BYTES and len(seen) > 1):
            return seen, True
    return seen, False


def _chain(first: deque[Source], rest: Iterator[Source]) -> Iterator[Source]:
    while first:
        yield first.popleft()
    yield from rest


def _chunks(sources: Iterable[Source]) -> Iterator[list[Source]]:
    chunk: list[Source] = []
    size = 0
    for source in sources:
        chunk.append(source)
        size += source.size
        if len(chunk) >= FILES or size >= BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def work(connection: Any, lake_url: str, prefix: str, aws: Aws) -> None:
    """A reading process: takes chunks of sources until there are no more, sends batches."""
    memory.keep()
    lake = Lake(lake_url)

    def send(batch: Batch) -> None:
        try:
            connection.send(("batch", batch))
        except OSError:  # nobody will commit these: the next run may have looked for such already
            for file in batch.files:
                with contextlib.suppress(FileNotFoundError):
                    lake.fs.rm_file(lake.path(file.path))
            raise

    reader = Reader(lake, prefix, aws, send)
    try:
        while (chunk := connection.recv()) is not None:
            reader.read(chunk)
            connection.send(("done", None))
        reader.flush()
        connection.send(("ended", None))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the one that shares out has ended: nothing of ours counts
