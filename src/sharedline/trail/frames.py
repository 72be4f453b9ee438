"""How the records of a file stand: one array, an object a line, or objects one after another."""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

import msgspec

from sharedline.trail.schema import MEMBERS

_LISTS = b"|".join((b"Records", b"records", b"Events", b"events", b"logEvents"))
_ARRAY = re.compile(rb"\s*(?:\{\s*\"(?:" + _LISTS + rb")\"\s*:\s*)?\[")
#: The end of the array, and of what wraps it.
END = re.compile(rb"\]\s*\}?\s*$")
_NEXT = re.compile(rb"\s*,\s*\{\s*\"[^\"\\]{1,64}\"")
#: Where a record may begin again after damage.
START = re.compile(r"\{\s*\"(?:@timestamp|" + "|".join(MEMBERS) + r")\"\s*:", re.IGNORECASE)
#: What may stand between records.
BETWEEN = re.compile(r"[\s,\[\]}]*")


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


OBJECTS = json.JSONDecoder(parse_constant=_refuse)
#: The first record of a file is looked for in so many bytes.
_FIRST = 8 << 20


def is_utf8(data: bytes) -> bool:
    """Whether the bytes are text."""
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def frame(buffer: bytearray) -> tuple[str, int]:
    """How the file's records stand, and where they begin."""
    start = 3 if buffer.startswith(codecs.BOM_UTF8) else 0
    array = _ARRAY.match(buffer, start)
    if array:
        return "array", array.end()
    while start < len(buffer) and buffer[start] in b" \t\r\n":
        start += 1
    line, _, rest = buffer[start:].partition(b"\n")
    try:
        msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        # A first line that is damaged, among others that are not, is a line all the same.
        whole = line.rstrip().endswith(b"}") and rest.lstrip().startswith(b"{")
        return ("lines" if whole and len(line) > 2 else "objects"), start
    return "lines", start


def between(buffer: bytearray) -> bytes:
    """What separates the records of an array, with the name that the next begins with.

    Found again in the file, it can only be a boundary between objects: inside a text its quotes
    would be escaped. Of arrays within a record it may be one too; then the piece is no JSON.
    """
    try:
        start = buffer.index(b"{")
        text = buffer[start : start + _FIRST].decode("utf-8", "replace")
        _, end = OBJECTS.raw_decode(text)
        follows = _NEXT.match(buffer, start + end) if text[:end].isascii() else None
        return b"}" + follows.group() if follows else b""
    except (ValueError, RecursionError):
        return b""
