"""Reads the log: heads, items, the tree over them, proofs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import msgspec

from sharedline.comply.evidence import files, heads
from sharedline.comply.evidence.heads import Head
from sharedline.comply.evidence.item import EvidenceError, is_sha256
from sharedline.comply.evidence.merkle import Tree, leaf_hash

_DECODE = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True)
class Proof:
    """That an item is in the log: from its leaf hash to the root that a head signs."""

    index: int
    leaf: bytes
    path: tuple[bytes, ...]
    head: Head

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "schema": "sharedline-evidence-proof-1",
            "index": self.index,
            "size": self.head.size,
            "leaf": self.leaf.hex(),
            "path": [step.hex() for step in self.path],
            "root": self.head.root.hex(),
            "head": self.head.line.decode(),
        }


class Log:
    """The log in a folder, for reading. It needs no key; several may read while one writes."""

    def __init__(self, folder: Path) -> None:
        """Take the folder of the log."""
        self.folder = folder
        self.public = folder / files.PUBLIC
        self._tree, self._of = Tree(), ""

    def heads(self) -> list[Head]:
        """Every head, oldest first; a line that is still being written is none."""
        path = self.folder / files.HEADS
        if not path.is_file():
            return []
        return [self._head(line) for line, ended in files.lines(path) if ended]

    def head(self) -> Head | None:
        """The newest head; None of an empty log."""
        path = self.folder / files.HEADS
        if not path.is_file():
            return None
        last = path.read_bytes().split(b"\n")[-2:-1]  # what follows the last line's end is no line
        return self._head(last[0]) if last else None

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """The items' bytes with their indexes: those that a head signs, and no other."""
        head = self.head()
        whole = itertools.chain.from_iterable(
            files.lines(p) for _, p in files.segments(self.folder)
        )
        for index, (line, _) in zip(range(head.size if head else 0), whole, strict=False):
            yield index, line

    def items(
        self,
        kind: str = "",
        since: date | None = None,
        until: date | None = None,
        duty: str = "",
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """The items with their indexes, oldest first.

        `since` and `until` bound when the fact was so (`observed`), both included; a day is the
        whole of it, in UTC.
        """
        first = _bound(since, time.min).isoformat() if since else ""
        last = _bound(until, time.max).isoformat() if until else ""
        for index, line in self.lines():
            item = _DECODE(line)
            if (kind and item["kind"] != kind) or (duty and item.get("duty") != duty):
                continue
            # Times are UTC and of one form, `…Z`, so the first 19 characters sort as they are.
            observed = item["observed"][:19]
            if (first and observed < first[:19]) or (last and observed > last[:19]):
                continue
            yield index, item

    def line(self, index: int) -> bytes:
        """The bytes of one item."""
        for at, line in self.lines():
            if at == index:
                return line
        raise EvidenceError(f"There is no item {index} in the log.", "Items count from 0.")

    def proof(self, index: int) -> Proof:
        """That an item is in the log as the newest head signs it."""
        head = self.head()
        if head is None or not 0 <= index < head.size:
            raise EvidenceError(f"There is no item {index} in the log.", "Items count from 0.")
        tree = self.tree()
        return Proof(index, tree.leaf(index), tuple(tree.inclusion(index, head.size)), head)

    def tree(self) -> Tree:
        """The tree over every signed item.

        Raises:
            EvidenceError: The items are not those that the newest head signs.
        """
        head = self.head()
        if head is None:
            return Tree()
        if self._of != head.digest:
            tree = Tree(itertools.islice(self._kept_leaves(), head.size))
            if len(tree) != head.size or tree.root() != head.root:
                tree = Tree(leaf_hash(line) for _, line in self.lines())
            if len(tree) != head.size or tree.root() != head.root:
                raise EvidenceError(
                    "The evidence log does not hold what its newest head signs.",
                    "Run `sharedline evidence verify`: it names what was changed.",
                )
            self._tree, self._of = tree, head.digest
        return self._tree

    def _kept_leaves(self) -> Iterator[bytes]:
        """The leaf hashes as kept beside the items, up to the first that is none."""
        for _, path in files.segments(self.folder):
            kept = files.leaves_of(path)
            for line, _ in files.lines(kept) if kept.is_file() else ():
                text = line.decode("ascii", "replace")
                if not is_sha256(text):
                    return
                yield bytes.fromhex(text)

    def _head(self, line: bytes) -> Head:
        try:
            return heads.read(line)
        except EvidenceError as error:
            raise EvidenceError(
                f"A line of {self.folder / files.HEADS} is damaged: {error.message}.",
                "Run `sharedline evidence verify`, and restore the file from a copy.",
            ) from error


def _bound(moment: date, at: time) -> datetime:
    """A day's beginning or end, or a moment, in UTC."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    return datetime.combine(moment, at, UTC)
