"""Hashes every item again and finds which one is not what the heads sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from msgspec import UNSET, UnsetType

from sharedline.comply.evidence import files
from sharedline.comply.evidence.artefacts import Kept
from sharedline.comply.evidence.heads import Head
from sharedline.comply.evidence.item import (
    Artefact,
    EvidenceError,
    Item,
    read,
    read_block,
)
from sharedline.comply.evidence.merkle import Tree

#: So many damaged lines are named; a file of another kind would give thousands.
_NAMED = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: the file, the line from 1 (0: the file), the item from 0 (-1)."""

    file: str
    what: str
    line: int = 0
    index: int = -1

    def __str__(self) -> str:
        line = f", line {self.line}" if self.line else ""
        item = f" (item {self.index})" if self.index >= 0 else ""
        return f"{self.file}{line}{item}: {self.what}."


@dataclass
class There:
    """What the segments hold."""

    tree: Tree = field(default_factory=Tree)
    #: The files that items stand on, by place and digest.
    kept: dict[tuple[str | UnsetType, str], Kept] = field(default_factory=dict)
    #: The index of the first item of each segment.
    starts: list[tuple[int, Path]] = field(default_factory=list)
    #: Segments that are missing and lines that are no items.
    damaged: list[Problem] = field(default_factory=list)
    #: Files of leaf hashes without their items.
    strays: list[str] = field(default_factory=list)

    def at(self, index: int) -> tuple[str, int]:
        """The file and line of an item."""
        first, path = max((s for s in self.starts if s[0] <= index), key=lambda s: s[0])
        return path.name, index - first + 1


def hash_all(folder: Path) -> There:
    """Reads every line of every segment."""
    out = There()
    leaves: list[bytes] = []
    for expected, (number, path) in enumerate(files.segments(folder), 1):
        if number != expected:
            missing = files.segment(folder, expected).name
            out.damaged.append(Problem(missing, "the segment is missing", index=len(leaves)))
            break
        out.starts.append((len(leaves), path))
        for block in files.blocks(path):
            leaves += _read(block, path, len(leaves), out)
    out.tree.extend(leaves)
    known = {files.leaves_of(path).name for _, path in out.starts}
    out.strays = sorted(p.name for p in folder.glob("items-*.leaves") if p.name not in known)
    return out


def _read(block: bytes, path: Path, first: int, out: There) -> list[bytes]:
    """The leaf hashes of a block of lines; what is no item is noted."""
    lines = block.split(b"\n")
    ended = lines.pop() == b""
    if not ended:
        lines = block.split(b"\n")
    items: Sequence[Item | None] | None = read_block(block) if ended else None
    if items is None:
        items = _one_by_one(lines, path, first, out, ended=ended)
    kept = out.kept
    for index, item in enumerate(items, first):
        artefact = item.artefact if item is not None else UNSET
        if artefact is not UNSET and (artefact.where, artefact.sha256) not in kept:
            assert item is not None
            kept[artefact.where, artefact.sha256] = _kept_by(item, artefact, index)
    return [sha256(b"\0" + line).digest() for line in lines]  # `leaf_hash`, 100,000 times


def _one_by_one(
    lines: Sequence[bytes], path: Path, first: int, out: There, *, ended: bool
) -> list[Item | None]:
    found: list[Item | None] = []
    for index, line in enumerate(lines, first):
        try:
            item = read(line)
            if not ended and index - first == len(lines) - 1:
                raise EvidenceError("the line does not end: it was cut")  # noqa: TRY301
            found.append(item)
        except EvidenceError as error:
            found.append(None)
            if len(out.damaged) < _NAMED:
                number = index - out.starts[-1][0] + 1
                out.damaged.append(Problem(path.name, error.message, number, index))
    return found


def _kept_by(item: Item, artefact: Artefact, index: int) -> Kept:
    where = artefact.where if artefact.where is not UNSET else ""
    ref = item.ref if item.kind == "note" and item.ref is not UNSET else {}
    scan, judged, inventory = (str(ref.get(k, "")) for k in ("scan", "judged", "inventory"))
    return Kept(index, where, artefact.sha256, scan, judged, inventory)


def judge(there: There, found: Sequence[tuple[int, Head]], *, heads_hold: bool) -> list[Problem]:
    """What is wrong with the items under these heads (with their lines), the first thing first."""
    good = 0
    for number, head in found:
        if head.size > len(there.tree) or there.tree.root(head.size) != head.root:
            named = _named(there, number, head, good)
            # A segment that is missing, or what is wrong with that very line, says more.
            more = [p for p in there.damaged if not p.line or p.index == named.index]
            return [*(more or [named]), *(p for p in there.damaged if p not in more)]
        good = head.size
    wrong = list(there.damaged)
    if len(there.tree) > good and heads_hold:
        name, line = there.at(good)
        what = f"no head signs it and what follows ({len(there.tree) - good} in all)"
        wrong.insert(0, Problem(name, what, line, good))
    return wrong or _leaf_files(there)


def _named(there: There, number: int, head: Head, good: int) -> Problem:
    """The item that is not as signed: by the leaf hashes, where those still give the root."""
    tree = there.tree
    leaves = [leaf for _, path in there.starts for leaf in _kept(path)][: head.size]
    last = there.starts[-1][1].name if there.starts else files.segment(Path(), 1).name
    if len(leaves) == head.size and Tree(leaves).root() == head.root:
        short = min(len(tree), head.size)
        at = next((i for i in range(short) if tree.leaf(i) != leaves[i]), short)
        if at < len(tree):
            name, line = there.at(at)
            what = f"it is not what head {number} signs: changed, moved, added or removed"
            return Problem(name, what, line, at)
        what = f"it and what follows are missing: head {number} signs {head.size} items"
        return Problem(last, what, index=at)
    if len(tree) < head.size:
        what = f"head {number} signs {head.size} items and {len(tree)} are there"
        return Problem(last, what)
    (name, line), (end, at) = there.at(good), there.at(head.size - 1)
    what = f"it or an item up to {end}, line {at}, is not what head {number} signs"
    return Problem(name, what, line, good)


def _kept(path: Path) -> list[bytes]:
    try:
        return [bytes.fromhex(t) for t in files.leaves_of(path).read_text("ascii").split()]
    except (OSError, ValueError):
        return []


def _leaf_files(there: There) -> list[Problem]:
    """The files of leaf hashes, against items that are as signed."""
    wrong = []
    ends = [*(first for first, _ in there.starts), len(there.tree)][1:]
    for (first, path), end in zip(there.starts, ends, strict=True):
        kept = files.leaves_of(path)
        leaves = there.tree.leaves(first, end)
        wanted = "".join([f"{leaf.hex()}\n" for leaf in leaves]).encode()
        if not kept.is_file():
            wrong.append(Problem(kept.name, "it is missing"))
            continue
        data = kept.read_bytes()
        if data == wanted:
            continue
        have, want = data.split(b"\n"), wanted.split(b"\n")
        short = min(len(have), len(want))
        at = next((i for i in range(short) if have[i] != want[i]), short)
        wrong.append(Problem(kept.name, "it is not the hash of that item", at + 1, first + at))
    return wrong + [Problem(name, "its items are missing") for name in there.strays]
