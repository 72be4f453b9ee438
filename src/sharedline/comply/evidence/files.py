"""The files of the log: their names, reading their lines, one writer at a time, what is set aside.

- `items-000001.jsonl`, `items-000002.jsonl` ...: one item a line, canonical JSON, in order;
- `items-000001.leaves` ...: the leaf hash of each of those lines, 64 digits a line. It follows from
  the items; it is kept so that one changed item among thousands under one head can be named;
- `heads.jsonl`: the signed heads; `public.pem`: the key that verifies them;
- `timestamps/`: time-stamps over heads (each file is an artefact of an item);
- `unsigned/`: what an interrupted writer left behind the last head, kept but no part of the log;
- `keys/` (private, not for git) and `lock`.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has none
    fcntl = None  # type: ignore[assignment]

from sharedline.comply.evidence.item import EvidenceError
from sharedline.files import write_whole

HEADS, PUBLIC, LOCK = "heads.jsonl", "public.pem", "lock"
STAMPS, ASIDE = "timestamps", "unsigned"
KEY = Path("keys") / "signing.pem"
#: Bytes of one line of a file of leaf hashes.
LEAF_LINE = 65
_SEGMENT = re.compile(r"items-([0-9]{6,})\.jsonl\Z")
_CHUNK = 1 << 16


def segment(folder: Path, number: int) -> Path:
    """The file of a segment, counted from 1."""
    return folder / f"items-{number:06}.jsonl"


def leaves_of(path: Path) -> Path:
    """The file of the leaf hashes of a segment."""
    return path.with_suffix(".leaves")


def segments(folder: Path) -> list[tuple[int, Path]]:
    """The segments that are there, by number."""
    found = [(m, p) for p in folder.iterdir() if (m := _SEGMENT.match(p.name))]
    return sorted((int(m[1]), p) for m, p in found)


def lines(path: Path) -> Iterator[tuple[bytes, bool]]:
    """The lines of a file without their ends, and whether each had one."""
    for block in blocks(path):
        whole = block.split(b"\n")
        last = whole.pop()
        for line in whole:
            yield line, True
        if last:
            yield last, False


def blocks(path: Path) -> Iterator[bytes]:
    """The bytes of a file in blocks of whole lines; the last may lack its end."""
    rest = b""
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            whole, end, rest = (rest + chunk).rpartition(b"\n")
            if end:
                yield whole + end
    if rest:
        yield rest


def count(path: Path) -> int:
    """How many whole lines a file has."""
    total = 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            total += chunk.count(b"\n")
    return total


def offset(path: Path, wanted: int) -> int:
    """Where in a file the line after `wanted` lines begins."""
    at = 0
    for _, line in zip(range(wanted), lines(path), strict=False):
        at += len(line[0]) + 1
    return at


def append(path: Path, data: bytes) -> None:
    """Adds bytes at the end of a file and waits until the disk has them."""
    new = not path.exists()
    with path.open("ab") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    if new:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Waits until the disk knows of a new file."""
    if os.name == "posix":
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)


def cut(path: Path, at: int, *, now: datetime) -> int:
    """Sets aside what a file has from there on, and cuts it off; how many bytes that were.

    Nothing is destroyed: who shortens `heads.jsonl` could otherwise have us delete signed items.
    """
    size = path.stat().st_size
    if size <= at:
        return 0
    with path.open("rb") as stream:
        stream.seek(at)
        rest = stream.read()
    aside = path.parent / ASIDE / f"{now:%Y%m%dT%H%M%S%fZ}-{path.name}"
    write_whole(aside, rest)
    os.truncate(path, at)
    if at == 0:
        path.unlink()
    return len(rest)


@contextlib.contextmanager
def locked(folder: Path, now: datetime) -> Iterator[str]:
    """Holds the log for one writer; gives who the last one was if it ended without letting go.

    The operating system frees the lock of a process that died, so a stale one stops nobody: its
    file still names the process, which is told.
    """
    path = folder / LOCK
    with path.open("a+b") as stream:
        if fcntl is not None:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise EvidenceError(
                    f"The evidence log is being written by {_holder(path)}.", "Wait until it ends."
                ) from error
        stale = _holder(path) if path.stat().st_size else ""
        mine = {"pid": os.getpid(), "host": platform.node(), "since": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
        stream.truncate(0)
        stream.write(json.dumps(mine).encode())
        stream.flush()
        try:
            yield stale
        finally:
            stream.truncate(0)


def _holder(path: Path) -> str:
    try:
        said = json.loads(path.read_bytes())
        return f"process {said['pid']} on {said['host']}, since {said['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
