"""The bytes of a file, unpacked if it is gzip, as far as they can be read."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from isal import isal_zlib

_MAGIC = b"\x1f\x8b"
#: Bytes given to the unpacker at once, and taken from it at once: what the cache still holds when
#: it is decoded.
_IN, _OUT = 128 << 10, 512 << 10
#: What is fed at once where a file is damaged: the less, the more comes out before the damage.
_FINE = 256


def inflate(data: memoryview, say: Callable[[str], None]) -> Iterator[bytes]:
    """Blocks of the content; `say` is told what is wrong with the file, if anything."""
    if bytes(data[:2]) != _MAGIC:
        for start in range(0, len(data), _OUT):
            yield bytes(data[start : start + _OUT])
        return
    at, out = 0, 0
    unpacker = isal_zlib.decompressobj(wbits=31)
    while True:
        piece = unpacker.unconsumed_tail
        if not piece:
            piece = bytes(data[at : at + _IN])
            at += len(piece)
        if not piece:
            say("the gzip file is cut off")
            return
        try:
            block = unpacker.decompress(piece, _OUT)
        except isal_zlib.IsalError:  # type: ignore[misc]  # its stub calls the class a value
            yield from _careful(data, out, say)
            return
        out += len(block)
        if block:
            yield block
        if unpacker.eof:
            at = _next_member(data, at - len(unpacker.unused_data), say)
            if at < 0:
                return
            unpacker = isal_zlib.decompressobj(wbits=31)


def _next_member(data: memoryview, at: int, say: Callable[[str], None]) -> int:
    """Where the next part of a file of several begins; -1 where there is none."""
    while at < len(data) and not data[at]:  # zeros may fill the end
        at += 1
    if at >= len(data):
        return -1
    if bytes(data[at : at + 2]) == _MAGIC:
        return at
    say(f"{len(data) - at} bytes after the end of the gzip data are none")
    return -1


def _careful(data: memoryview, skip: int, say: Callable[[str], None]) -> Iterator[bytes]:
    """What comes out of a damaged file before the damage, without the first `skip` bytes."""
    at = 0
    unpacker = zlib.decompressobj(wbits=31)
    while at < len(data):
        piece = bytes(data[at : at + _FINE])
        at += len(piece)
        before = unpacker.copy()
        wrong = ""
        try:
            block = unpacker.decompress(piece)
        except zlib.error as error:
            wrong = str(error).rpartition(": ")[2]
            block = b"".join(_bytewise(before, piece))
        if len(block) > skip:
            yield block[skip:]
        skip = max(0, skip - len(block))
        if wrong:
            say(
                f"the gzip data is damaged near byte {at} ({wrong}); what is around it may be wrong"
            )
            return
        if unpacker.eof:
            at = _next_member(data, at - len(unpacker.unused_data), say)
            if at < 0:
                return
            unpacker = zlib.decompressobj(wbits=31)
    say("the gzip file is cut off")


def _bytewise(unpacker: Any, piece: bytes) -> Iterator[bytes]:
    """What still comes out of the piece in which the damage is."""
    with contextlib.suppress(zlib.error):
        for at in range(len(piece)):
            yield unpacker.decompress(piece[at : at + 1])
