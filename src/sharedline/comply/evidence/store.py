"""The store: appends items and signs a head over them; reads them back, with proofs.

The design kept the evidence log in the database of what changes. It is files instead: an auditor
reads them without us, on another machine, with nothing but a JSON reader and SHA-256; git and
backups carry them; and a database cannot show that nobody ran UPDATE. Lines are only ever added,
and an `append` either ends with a signed head over all of its items or leaves no trace.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sharedline.comply.evidence import files, heads
from sharedline.comply.evidence.heads import Head
from sharedline.comply.evidence.item import EvidenceError, seal
from sharedline.comply.evidence.merkle import Tree, leaf_hash
from sharedline.comply.evidence.reading import Log
from sharedline.files import write_whole

#: Items in a segment: some 50 MB, which every editor and git host still takes.
SEGMENT = 50_000
_BATCH = 2_000
_GIT = {".gitignore": "/keys/\n/lock\n", ".gitattributes": "* -text\n"}


@dataclass(frozen=True, slots=True)
class _End:
    """Where the log ends: its newest head, its last segment, how many items that holds."""

    head: Head | None
    number: int
    held: int
    #: Of the files then: where they differ now, somebody else wrote.
    marks: tuple[tuple[str, int, int], ...]


class Store(Log):
    """The log in a folder, for reading and writing."""

    def __init__(
        self,
        folder: Path,
        key: Path | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        per_segment: int = SEGMENT,
    ) -> None:
        """Take the folder of the log, and where the private key is if not in it."""
        super().__init__(folder)
        self.clock = clock
        self.key = key or folder / files.KEY
        #: What people should know: a writer that died, what was set aside.
        self.notes: list[str] = []
        self._per_segment = per_segment
        self._end: _End | None = None

    def append(self, items: Iterable[Mapping[str, Any]]) -> range:
        """Adds items and signs a head over all; their indexes.

        Raises:
            EvidenceError: An item is none, the key is missing, another process writes, or the log
                is not what its newest head signs. Then nothing is added.
        """
        now = self.clock()
        with files.locked(self.folder, now) as stale:
            if stale:
                self.notes.append(f"The last writer ended before it had finished: {stale}.")
            private = self._private()
            if self._end is None or self._end.marks != self._marks():
                self._end = self._settle(now)
            end, size = self._end, len(self._tree)
            undo: dict[Path, int] = {}
            try:
                leaves, number, held = self._write(items, now, end, undo)
                if not leaves:
                    return range(size, size)
                self._tree.extend(leaves)
                made = heads.sign(len(self._tree), self._tree.root(), now, end.head, private)
                path = self.folder / files.HEADS
                undo[path] = path.stat().st_size if path.exists() else 0
                files.append(path, made.line + b"\n")
            except BaseException:
                self._tree, self._of, self._end = Tree(), "", None
                _take_back(undo)
                raise
            self._of = made.digest
            self._end = _End(made, number, held, self._marks())
            return range(size, made.size)

    def _marks(self) -> tuple[tuple[str, int, int], ...]:
        """Sizes and times of the log's files: whether anybody else wrote since."""
        names = [f for _, p in files.segments(self.folder) for f in (p, files.leaves_of(p))]
        stats = [(p.name, p.stat()) for p in (self.folder / files.HEADS, *names) if p.exists()]
        return tuple((name, found.st_size, found.st_mtime_ns) for name, found in stats)

    def _write(
        self, items: Iterable[Mapping[str, Any]], now: datetime, end: _End, undo: dict[Path, int]
    ) -> tuple[list[bytes], int, int]:
        """Writes the items' lines and their leaf hashes, segment by segment.

        Gives the leaf hashes, the last segment, and how many items that holds.
        """
        number, held = end.number, end.held
        leaves: list[bytes] = []
        given = iter(items)
        while True:
            if held >= self._per_segment:
                number, held = number + 1, 0
            room = min(_BATCH, self._per_segment - held)
            batch = [seal(item, now) for item in itertools.islice(given, room)]
            if not batch:
                return leaves, number, held
            hashes = [leaf_hash(line) for line in batch]
            path = files.segment(self.folder, number)
            for file, data in (
                (path, b"".join([line + b"\n" for line in batch])),
                (files.leaves_of(path), "".join([f"{h.hex()}\n" for h in hashes]).encode()),
            ):
                undo.setdefault(file, file.stat().st_size if file.exists() else 0)
                files.append(file, data)
            leaves += hashes
            held += len(batch)

    def _private(self) -> Ed25519PrivateKey:
        private = heads.private_key(self.key)
        if not self.public.is_file() or self.public.read_bytes() != heads.public_pem(
            private.public_key()
        ):
            raise EvidenceError(
                f"The key {self.key} is not the one whose public half is {self.public}.",
                "Name the log's own key with --key, or restore the file from a copy.",
            )
        return private

    def _settle(self, now: datetime) -> _End:
        """Looks at the whole log, sets aside what no head signs; where the log ends."""
        moved = 0
        path = self.folder / files.HEADS
        if path.is_file():
            moved += files.cut(path, path.read_bytes().rfind(b"\n") + 1, now=now)
        head = self.head()
        if head is None and any(files.count(p) for _, p in files.segments(self.folder)):
            raise EvidenceError(
                f"There are items in {self.folder} and no head that signs them.",
                f"Restore {files.HEADS} from a copy. If nothing was ever recorded, remove "
                "items-*: they are what an interrupted first run left.",
            )
        self.tree()
        parts = [(part, files.count(part)) for _, part in files.segments(self.folder)]
        left = size = head.size if head else 0
        if (missing := size - sum(held for _, held in parts)) > 0:
            raise EvidenceError(
                f"The last {missing} of the {size} signed items are missing.",
                "Run `sharedline evidence verify`, and restore the log from a copy.",
            )
        for part, held in parts:
            keep = min(held, left)
            moved += files.cut(part, files.offset(part, keep), now=now)
            first = size - left
            self._settle_leaves(files.leaves_of(part), self._tree.leaves(first, first + keep))
            left -= keep
        if moved:
            self.notes.append(
                f"{moved:,} bytes that no head signs were set aside in "
                f"{self.folder / files.ASIDE}; they are no part of the log."
            )
        there = files.segments(self.folder)
        number = there[-1][0] if there else 1
        return _End(head, number, files.count(there[-1][1]) if there else 0, self._marks())

    @staticmethod
    def _settle_leaves(path: Path, wanted: list[bytes]) -> None:
        """Makes a file of leaf hashes what the signed tree says."""
        data = "".join([f"{leaf.hex()}\n" for leaf in wanted]).encode()
        if not wanted:
            path.unlink(missing_ok=True)
        elif not path.is_file() or path.read_bytes() != data:
            write_whole(path, data)


def open_store(
    folder: Path,
    create: bool = False,  # noqa: FBT001, FBT002 the one thing that opening may do
    key: Path | None = None,
) -> Store:
    """The log in a folder; `create` makes one, with a key of its own, where there is none.

    Raises:
        EvidenceError: There is no log, or what is there lacks its public key.
    """
    store = Store(folder, key)
    if store.public.is_file():
        return store
    if folder.is_dir() and (files.segments(folder) or (folder / files.HEADS).exists()):
        raise EvidenceError(f"{store.public} is missing.", "Restore it from a copy.")
    if not create:
        raise EvidenceError(
            f"There is no evidence log in {folder}.", "Begin one with `sharedline evidence record`."
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in _GIT.items():
        if not (folder / name).exists():
            (folder / name).write_text(text, "utf-8")
    private = heads.private_key(store.key) if store.key.exists() else heads.make_key(store.key)
    write_whole(store.public, heads.public_pem(private.public_key()))
    store.notes.append(
        f"A new log begins in {folder}. Keep its private key {store.key} out of git and backed up, "
        f"and tell your auditor the key's id: {heads.key_id(private.public_key())}."
    )
    return store


def found_store(folder: Path) -> Store | None:
    """The log in a folder; None where none was begun."""
    store = Store(folder)
    return store if store.public.is_file() else None


def _take_back(undo: Mapping[Path, int]) -> None:
    """Cuts off what this very call added: nobody was told of it and no head signs it."""
    for path, size in undo.items():
        if not path.exists():
            continue
        if size:
            with path.open("r+b") as stream:
                stream.truncate(size)
        else:
            path.unlink()
