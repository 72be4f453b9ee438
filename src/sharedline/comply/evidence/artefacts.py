"""The files that items stand on, compared with the SHA-256 that the log keeps of each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sharedline.inventory.lake import Lake

#: Where an artefact lies: in the folder of the log, in the lake, or below the project folder.
IN_LOG, IN_LAKE = "log:", "lake:"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as an item names it."""

    index: int
    where: str
    sha256: str
    #: Of a scan's manifest: the scan, when it was judged, the digest of what it read of AWS.
    scan: str = ""
    judged: str = ""
    inventory: str = ""


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look for files; None where that place is not at hand."""

    log: Path
    project: Path | None = None
    lake: Lake | None = None


@dataclass
class Compared:
    """What came of it: `wrong` are (file, item index, what)."""

    checked: int = 0
    wrong: list[tuple[str, int, str]] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)


def inventory_digest(files: Sequence[Mapping[str, Any]]) -> str:
    """The digest of what a scan read of AWS; judging the scan again does not change it.

    Derived tables lie beside what was read, of all accounts in one file, and are made anew.
    """
    read = [f for f in files if f["kind"] == "inventory" and f.get("account") != "all"]
    listed = sorted((str(f["path"]), str(f["sha256"])) for f in read)
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def lake_digest(lake: Lake, path: str) -> str:
    """The SHA-256 of a file of the lake."""
    digest = hashlib.sha256()
    with lake.fs.open(lake.path(path), "rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def compare(kept: Sequence[Kept], places: Places) -> Compared:
    """Compares every file that is at hand; the others are told."""
    out = Compared()
    absent: list[str] = []
    for one in kept:
        if one.where.startswith(IN_LAKE):
            continue
        path = _path(one.where, places)
        if path is None or not path.is_file():
            absent.append(one.where)
            continue
        out.checked += 1
        if digest_of(path) != one.sha256:
            shown = one.where.removeprefix(IN_LOG)
            out.wrong.append((shown, one.index, "it is not the file that was recorded"))
    if absent:
        out.unchecked.append(f"{_many(absent)} not at hand: {_some(absent)}")
    _scans([k for k in kept if k.where.startswith(IN_LAKE)], places.lake, out)
    return out


def _path(where: str, places: Places) -> Path | None:
    if where.startswith(IN_LOG):
        base, name = places.log, where.removeprefix(IN_LOG)
    elif places.project is None or "://" in where or not where:
        return None
    else:
        base, name = places.project, where
    path = (base / name).resolve()
    return path if path.is_relative_to(base.resolve()) else None


def _scans(kept: Sequence[Kept], lake: Lake | None, out: Compared) -> None:
    """The lake's files: each scan through its manifest, as it was recorded last."""
    if not kept:
        return
    if lake is None:
        out.unchecked.append(f"{_many(kept)} of the lake, which is not at hand")
        return
    last: dict[str, Kept] = {k.scan: k for k in kept if k.scan}
    gone = [scan for scan, one in sorted(last.items()) if not _manifest(lake, one, out)]
    if gone:
        out.unchecked.append(f"{len(gone)} scans not in the lake: {_some(gone)}")
    _loose([k for k in kept if not k.scan], set(last), lake, out)


def _manifest(lake: Lake, one: Kept, out: Compared) -> bool:
    """Compares a scan's files; False where the lake does not have the scan."""
    name = one.where.removeprefix(IN_LAKE)
    path = lake.path(name)
    if not lake.fs.exists(path):
        return False
    raw = lake.fs.cat_file(path)
    out.checked += 1
    try:
        data = json.loads(raw)
        files = [f for f in data["files"] if {"path", "sha256", "kind"} <= f.keys()]
    except (ValueError, KeyError, TypeError, AttributeError):
        out.wrong.append((one.where, one.index, "the manifest is damaged"))
        return True
    if hashlib.sha256(raw).hexdigest() != one.sha256:
        if inventory_digest(files) != one.inventory:
            what = "it names other files of AWS's answers than were recorded"
            out.wrong.append((one.where, one.index, what))
            return True
        if not data.get("reassessed") or data["reassessed"] == one.judged:
            out.wrong.append((one.where, one.index, "it is not the manifest that was recorded"))
            return True
        out.unchecked.append(
            f"scan {one.scan} was judged again on {str(data['reassessed'])[:19]} and not recorded since"
        )
    for entry in files:
        _entry(lake, entry, one.index, out)
    return True


def _entry(lake: Lake, entry: Mapping[str, Any], index: int, out: Compared) -> None:
    shown = IN_LAKE + entry["path"]
    if not lake.fs.exists(lake.path(entry["path"])):
        out.wrong.append((shown, index, "the scan's manifest names it, and it is missing"))
        return
    out.checked += 1
    if lake_digest(lake, entry["path"]) != entry["sha256"]:
        out.wrong.append((shown, index, "it is not the file that the scan's manifest names"))


def _loose(kept: Sequence[Kept], scans: set[str], lake: Lake, out: Compared) -> None:
    """Files of the lake that belong to no recorded scan."""
    for one in kept:
        name = one.where.removeprefix(IN_LAKE)
        if any(f"scan={scan}/" in name for scan in scans):
            continue  # through its manifest; an earlier judgement's file was replaced by a later
        if not lake.fs.exists(lake.path(name)):
            out.unchecked.append(f"{one.where} not at hand")
            continue
        out.checked += 1
        if lake_digest(lake, name) != one.sha256:
            out.wrong.append((one.where, one.index, "it is not the file that was recorded"))


def _many(found: Sequence[object]) -> str:
    return "1 file" if len(found) == 1 else f"{len(found)} files"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
