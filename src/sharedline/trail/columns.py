"""Events as an Arrow table: columns are built from buffers, a batch at a time."""

from __future__ import annotations

import contextlib
import re
from array import array
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from msgspec.structs import astuple

from sharedline.trail import identity
from sharedline.trail.decode import NULL, Resource, Shape, dumps, loads
from sharedline.trail.schema import BY_COLUMN, MEMBERS, RESOURCE, SCHEMA

_FRACTION = re.compile(r"(\.\d{6})\d+")
_COMPACT = re.compile(r"^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$")
#: Seconds since 1970 of the year 2286; what is greater is in milliseconds.
_LATEST = 10_000_000_000
#: The lake's columns while each identity is still the JSON of the file.
UNREAD = SCHEMA.set(SCHEMA.get_field_index("useridentity"), pa.field("useridentity", pa.binary()))
_PLAIN: Mapping[str, pa.DataType] = {
    column: pa.bool_() if MEMBERS[name] == "bool" else pa.string()
    for column, name in BY_COLUMN.items()
    if MEMBERS[name] in ("text", "bool", "time")
}
_RAW = [c for c, name in BY_COLUMN.items() if MEMBERS[name] in ("json", "identity")]


class Gathered:
    """Events as columns, with those of before: cheap for the few that a processor's cache holds.

    Reading a few hundred at a time takes half of what it takes for thousands, if little is done for
    so few: what Arrow does is left for `table` (12 µs a call, measured 2026-11-22).
    """

    def __init__(self) -> None:
        self.rows = self.bytes = 0
        self._plain: dict[str, list[pa.Array | int]] = {name: [] for name in _PLAIN}
        self._raw: dict[str, tuple[array[int], list[bytes]]] = {
            name: (array("i"), []) for name in _RAW
        }
        self._sources: list[tuple[str, int]] = []
        self._counts = array("i")  # of resources; -1 where the member is missing
        self._resources: tuple[list[pa.Array], ...] = ([], [], [])
        self._other: list[pa.Array | int] = []

    def add(
        self, shape: Shape, events: list[Any], sources: Sequence[tuple[str, int]], *, pretty: bool
    ) -> None:
        """Takes events; `sources` says how many of them, in order, came from which file."""
        names = shape.type.__struct_fields__
        values = dict(zip(names, zip(*map(astuple, events), strict=True), strict=True))
        if None in values["eventtime"]:
            values["eventtime"] = [
                _stamp(values, row) if text is None else text
                for row, text in enumerate(values["eventtime"])
            ]
        for name, kind in _PLAIN.items():
            self._plain[name].append(_array(values[name], kind))
        for name, (sizes, texts) in self._raw.items():
            given = values[name]
            missing = given.count(NULL)
            if missing == len(given):
                sizes.frombytes(bytes(4 * missing))
                continue
            if missing:
                given = [b"" if v == NULL else v for v in given]
            if pretty and name != "useridentity":
                given = [msgspec.json.format(v, indent=-1) if v else b"" for v in given]
            sizes.extend(map(len, given))
            texts.append(b"".join(given))
            self.bytes += len(texts[-1])
        odd = self._list(values["resources"])
        self._other.append(_other(shape, values, odd))
        self._sources += sources
        self.rows += len(events)

    def _list(self, values: Sequence[list[Resource] | None]) -> list[Any] | None:
        """Takes resources; for each row the members that have no column, if any has some."""
        self._counts.extend([-1 if v is None else len(v) for v in values])
        flat = list(chain.from_iterable(filter(None, values)))
        if not flat:
            return None
        arns, accounts, types, lower, prefixes, others = zip(*map(astuple, flat), strict=True)
        odd = None
        if lower.count(None) < len(flat):
            arns = tuple(low if arn is None else arn for arn, low in zip(arns, lower, strict=True))
            odd = [_odd(v) for v in values]
        elif prefixes.count(None) < len(flat) or others.count(None) < len(flat):
            odd = [_odd(v) for v in values]
        for parts, given in zip(self._resources, (arns, accounts, types), strict=True):
            parts.append(pa.array(given, pa.string()))
        return odd

    def table(self) -> tuple[pa.Table, list[tuple[str, str]]]:
        """All of it as a table, and (source, reason) of each event that is unusable and left out.

        Identities are still the JSON of the file.
        """
        made = {name: _whole(parts, _PLAIN[name]) for name, parts in self._plain.items()}
        for name, (sizes, texts) in self._raw.items():
            made[name] = joined(sizes, texts, UNREAD.field(name).type)
        times, wrong = _times(made["eventtime"])
        made["eventtime"] = times
        made["resources"] = self._lists()
        made["source"] = _sources(self._sources)
        made["other"] = _whole(self._other, pa.string())
        found = pa.Table.from_arrays([made[name] for name in UNREAD.names], schema=UNREAD)
        if not wrong:
            return found, []
        unusable = [(found["source"][row].as_py(), reason) for row, reason in wrong.items()]
        return found.filter(pa.array([row not in wrong for row in range(self.rows)])), unusable

    def _lists(self) -> pa.Array:
        kind = pa.list_(RESOURCE)
        counts = _ints(self._counts)
        there = pc.greater_equal(counts, 0).buffers()[1]
        offsets = _offsets(pc.max_element_wise(counts, pa.scalar(0, pa.int32())))
        parts = [_whole(part, pa.string()) for part in self._resources]
        inner = pa.StructArray.from_arrays(parts, fields=list(RESOURCE))
        return pa.Array.from_buffers(kind, self.rows, [there, offsets], children=[inner])


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array | int:
    """The values, or how many there are where all are NULL, as half the columns of most batches."""
    first = values[0]
    if first == values[-1] and values.count(first) == len(values):
        return len(values) if first is None else pa.repeat(pa.scalar(first, kind), len(values))
    return pa.array(values, kind)


def _whole(parts: Sequence[pa.Array | int], kind: pa.DataType) -> pa.Array:
    """The parts one after another; a number is so many NULL."""
    if all(isinstance(part, int) for part in parts):
        return pa.nulls(sum(parts), kind)
    return pa.concat_arrays([pa.nulls(p, kind) if isinstance(p, int) else p for p in parts])


def joined(sizes: array[int], texts: Sequence[bytes], kind: pa.DataType) -> pa.Array:
    """Values of those sizes, one after another in the texts; an empty one is NULL."""
    lengths = _ints(sizes)
    there = pc.greater(lengths, 0).buffers()[1]
    text = pa.py_buffer(b"".join(texts))
    return pa.Array.from_buffers(kind, len(sizes), [there, _offsets(lengths), text])


def _offsets(sizes: pa.Array) -> pa.Buffer:
    ends = pc.cumulative_sum(sizes).buffers()[1]
    return pa.py_buffer(b"\0\0\0\0" + ends.to_pybytes()[: 4 * len(sizes)])


def _ints(values: array[int]) -> pa.Array:
    return pa.Array.from_buffers(pa.int32(), len(values), [None, pa.py_buffer(values)])


def _sources(sources: Sequence[tuple[str, int]]) -> pa.Array:
    return pa.concat_arrays([pa.repeat(pa.scalar(path), count) for path, count in sources])


def finished(unread: pa.Table) -> pa.Table:
    """The table of the lake; leaves of identities are dictionaries, which Parquet takes as such."""
    whole, strange = identity.column(unread["useridentity"].combine_chunks())
    other = unread["other"]
    if strange:
        left = [
            identity.told(text, more) for text, more in zip(other.to_pylist(), strange, strict=True)
        ]
        other = pa.array(left, pa.string())
    at = UNREAD.get_field_index("useridentity")
    table = unread.set_column(at, "useridentity", whole)
    return table.set_column(UNREAD.get_field_index("other"), "other", other)


def _times(texts: pa.Array) -> tuple[pa.Array, dict[int, str]]:
    """The times, and by row why one is none."""
    kind = SCHEMA.field("eventtime").type
    if not texts.null_count:
        with contextlib.suppress(pa.ArrowInvalid):
            return texts.cast(kind), {}
    times: list[datetime | None] = []
    wrong: dict[int, str] = {}
    for row, given in enumerate(texts.to_pylist()):
        moment = _moment(given)
        times.append(moment)
        if moment is None:
            wrong[row] = "no eventTime" if given is None else f"eventTime {given[:40]!r} is no time"
    return pa.array(times, kind), wrong


def _stamp(events: dict[str, Any], row: int) -> str | None:
    """`@timestamp`, which shippers of logs add, of an event without a time of its own."""
    given = events["x0"][row]  # "@timestamp" is the first of decode's extras
    value = (
        loads(bytes(given)) if given is not None else (events["other"][row] or {}).get("@timestamp")
    )
    return None if value is None else str(value)


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    text = text.strip()
    try:
        number = float(text) if len(text) < 20 else None
        if number is not None and len(text) != 8:  # eight digits are a date
            return datetime.fromtimestamp(number / (1000 if number > _LATEST else 1), UTC)
    except (ValueError, OverflowError, OSError):
        pass
    text = _COMPACT.sub(r"\1-\2-\3T\4:\5:\6+00:00", text).removesuffix(" UTC")
    try:
        moment = datetime.fromisoformat(_FRACTION.sub(r"\1", text))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _other(shape: Shape, values: dict[str, Any], resources: list[Any] | None) -> pa.Array | int:
    """The members without a column, as one JSON object a row; NULL where there are none."""
    lenient = values["other"]
    rows = len(lenient)
    extra = [
        (name, values[f"x{n}"])
        for n, name in enumerate(shape.extras)
        if values[f"x{n}"].count(None) < rows
    ]
    if not (extra or resources) and lenient.count(None) == rows:
        return rows
    found: list[bytes | None] = []
    for row in range(rows):
        parts: dict[str, Any] = dict(lenient[row] or {})
        if resources and resources[row]:
            parts["resources"] = resources[row]
        members = [dumps(name) + b":" + bytes(v[row]) for name, v in extra if v[row] is not None]
        members += [dumps(name) + b":" + dumps(value) for name, value in parts.items()]
        found.append(b"{" + b",".join(members) + b"}" if members else None)
    return pa.array(found, pa.binary()).cast(pa.string())


def _odd(resources: list[Resource] | None) -> list[dict[str, Any]] | None:
    if not resources:
        return None
    for found in resources:
        both = found.lower is not None and found.arn is not None
        if found.prefix is not None or found.other or both:
            break
    else:
        return None
    odd = []
    for found in resources:
        left = dict(found.other or {})
        if found.prefix is not None:
            left["ARNPrefix"] = found.prefix
        if found.lower is not None and found.arn is not None:
            left["arn"] = found.lower
        odd.append(left)
    return odd
