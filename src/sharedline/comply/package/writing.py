"""Writes documents piece by piece: lists that are generators are never whole in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

_ENCODE = msgspec.json.Encoder().encode


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Writes a document; generators in it are used up.

    An empty generator leaves its member out, since OSCAL has no empty lists.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb", buffering=1 << 20) as stream:
        _object(stream, document, 0)
        stream.write(b"\n")


def _object(stream: BinaryIO, value: Mapping[str, Any], depth: int) -> None:
    indent = b"\n" + b" " * (depth + 1)
    stream.write(b"{")
    first = True
    for name, member in value.items():
        if isinstance(member, Iterator):
            one = next(member, None)
            if one is None:
                continue
            member = chain([one], member)  # noqa: PLW2901 put back what was looked at
        stream.write((b"" if first else b",") + indent + _ENCODE(name) + b": ")
        first = False
        _value(stream, member, depth + 1)
    stream.write(b"\n" + b" " * depth + b"}")


def _value(stream: BinaryIO, value: Any, depth: int) -> None:
    if isinstance(value, Mapping) and value:
        _object(stream, value, depth)
    elif isinstance(value, Iterator) or (
        isinstance(value, list) and value and isinstance(value[0], Mapping)
    ):
        _list(stream, iter(value), depth)
    else:
        stream.write(_ENCODE(value))


def _list(stream: BinaryIO, values: Iterator[Any], depth: int) -> None:
    """One element on each line, but for elements that hold generators themselves."""
    indent = b"\n" + b" " * (depth + 1)
    stream.write(b"[")
    for number, value in enumerate(values):
        stream.write((b"," if number else b"") + indent)
        if isinstance(value, Mapping) and any(isinstance(v, Iterator) for v in value.values()):
            _object(stream, value, depth + 1)
        else:
            stream.write(_ENCODE(value))
    stream.write(b"\n" + b" " * depth + b"]")
