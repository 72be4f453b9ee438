"""Computes the whole log again and names what is wrong, the first thing first.

Every item's bytes and members, its leaf hash, the root of each head at its size, the signatures,
the chain of heads, the time-stamps, the files that items stand on. A log that was rolled back or
rewritten together with its heads and key looks whole: only a head published elsewhere tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sharedline.comply.evidence import artefacts, files, heads, timestamps
from sharedline.comply.evidence.artefacts import Kept, Places
from sharedline.comply.evidence.heads import Head
from sharedline.comply.evidence.item import EvidenceError
from sharedline.comply.evidence.merkle import Tree, proves_consistency
from sharedline.comply.evidence.recount import Problem, hash_all, judge

#: So much may the clocks of two machines differ.
_CLOCKS = timedelta(minutes=5)
#: So many damaged lines are named; a file of another kind would give thousands.
_NAMED = 20


@dataclass(frozen=True, slots=True)
class Published:
    """A head as found outside of the machine, and where."""

    head: Head
    where: str


@dataclass
class Verdict:
    """What was computed; the log is whole where nothing is `wrong`."""

    items: int = 0
    heads: int = 0
    key: str = ""
    last: Head | None = None
    stamps: int = 0
    files: int = 0
    published: int = 0
    wrong: list[Problem] = field(default_factory=list)
    #: What could not be looked at.
    unchecked: list[str] = field(default_factory=list)
    #: What people should know and is not wrong.
    notes: list[str] = field(default_factory=list)


def verify(
    folder: Path,
    places: Places | None = None,
    against: Sequence[Published] = (),
    key: str = "",
) -> Verdict:
    """Computes the log in a folder again.

    `places` says where else files may be looked for; by default only in the log's own folder.
    `key` is the id of the key that must have signed.
    """
    out = Verdict()
    public = _key(folder, key, out)
    found = _heads(folder, public, out)
    there = hash_all(folder)
    out.items = len(there.tree)
    out.wrong += judge(there, found, heads_hold=not any(p.file == files.HEADS for p in out.wrong))
    _published(against, there.tree, public, out)
    _stamps(folder, found, out)
    _files(list(there.kept.values()), places or Places(folder), whole=places is not None, out=out)
    if any((folder / files.ASIDE).glob("*")):
        out.notes.append(f"{folder / files.ASIDE} holds what no head signed; it is not the log.")
    out.last = found[-1][1] if found else None
    return out


def _key(folder: Path, wanted: str, out: Verdict) -> Ed25519PublicKey | None:
    try:
        public = heads.public_key(folder / files.PUBLIC)
    except EvidenceError as error:
        out.wrong.append(Problem(files.PUBLIC, error.message))
        return None
    out.key = heads.key_id(public)
    if wanted and not (len(wanted) >= 16 and out.key.startswith(wanted.lower())):
        out.wrong.append(Problem(files.PUBLIC, f"its key is {out.key}, not {wanted}"))
    return public


def _heads(folder: Path, public: Ed25519PublicKey | None, out: Verdict) -> list[tuple[int, Head]]:
    """The heads that hold, by line: of their form, signed, each after the one before."""
    path = folder / files.HEADS
    if not path.is_file():
        if files.segments(folder):
            out.wrong.append(Problem(files.HEADS, "it is missing, so no item is signed"))
        return []
    found: list[tuple[int, Head]] = []
    before: Head | None = None
    wrong: list[Problem] = []
    strangers = 0
    for number, (line, ended) in enumerate(files.lines(path), 1):
        out.heads += 1
        try:
            head = heads.read(line)
        except EvidenceError as error:
            wrong.append(Problem(files.HEADS, error.message, number))
            before = None
            continue
        if not ended:
            wrong.append(Problem(files.HEADS, "the line does not end: it was cut", number))
        elif (number == 1) != (head.previous == heads.NONE) or (
            before and head.previous != before.digest
        ):
            wrong.append(Problem(files.HEADS, "it does not follow the line before", number))
        elif before and head.size <= before.size:
            wrong.append(Problem(files.HEADS, "it has no more items than the one before", number))
        elif public is not None and not heads.is_signed(head, public):
            strangers += not (head.key == heads.key_id(public) or heads.was_signed(head, public))
            whose = f"; it names the key {head.key}" if head.key != heads.key_id(public) else ""
            wrong.append(Problem(files.HEADS, f"its signature does not verify{whose}", number))
        else:
            found.append((number, head))
        if before and head.time < before.time:
            out.notes.append(f"Head {number} is dated before the one before it: a clock was set.")
        before = head
    if strangers and strangers == out.heads:
        out.wrong.append(Problem(files.PUBLIC, "it is not the key that signed any of the heads"))
    out.wrong += wrong[:_NAMED]
    return found


def _published(
    against: Sequence[Published], tree: Tree, public: Ed25519PublicKey | None, out: Verdict
) -> None:
    """Every published head must be a head of the beginning of this log, under the same key."""
    for one in against:
        head = one.head
        made = f"the head of {head.size} items published on {head.time:%Y-%m-%d %H:%M} UTC"
        if public is not None and not heads.is_signed(head, public):
            whose = head.key if head.key != heads.key_id(public) else "nobody"
            what = f"{made} is signed by {whose}, not by this log's key"
            out.wrong.append(Problem(one.where, what))
        elif head.size > len(tree):
            what = f"{made} covers more than the {len(tree)} items here: the log was rolled back"
            out.wrong.append(Problem(one.where, what))
        elif not proves_consistency(
            head.size,
            len(tree),
            head.root,
            tree.root(),
            tree.consistency(head.size),
        ):
            what = f"{made} is no beginning of this log: an item before was changed since"
            out.wrong.append(Problem(one.where, what))
        else:
            out.published += 1


def _stamps(folder: Path, found: Sequence[tuple[int, Head]], out: Verdict) -> None:
    """Every time-stamp against the head that it is over."""
    known = dict(found)
    there = timestamps.stamps(folder)
    if not there:
        return
    try:
        roots = timestamps.roots_of(folder)
    except EvidenceError as error:
        out.wrong.append(Problem(files.STAMPS, error.message))
        return
    if not roots:
        out.unchecked.append(f"{len(there)} time-stamps: there is no root to verify them under")
        return
    for one in there:
        name = f"{files.STAMPS}/{one.path.name}"
        if one.number not in known:
            out.wrong.append(Problem(name, f"there is no head {one.number} that holds"))
            continue
        try:
            head = known[one.number]
            at = timestamps.check(one.path.read_bytes(), head, roots)
            out.stamps += 1
            if at + _CLOCKS < head.time:
                out.notes.append(f"Head {one.number} is dated {head.time - at} after its stamp.")
        except EvidenceError as error:
            out.wrong.append(Problem(name, error.message))


def _files(kept: Sequence[Kept], places: Places, *, whole: bool, out: Verdict) -> None:
    """The files that items stand on; those of the log itself in any case."""
    looked = [k for k in kept if k.where and (whole or k.where.startswith(artefacts.IN_LOG))]
    came = artefacts.compare(looked, places)
    out.files = came.checked
    out.wrong += [Problem(file, what, index=index) for file, index, what in came.wrong]
    out.unchecked += came.unchecked
