"""Events as an Arrow table: columns are built from buffers, a batch at a time."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from sharedline.trail import identity
from sharedline.trail.decode import NULL, Resource, Shape, dumps, loads
from sharedline.trail.schema import BY_COLUMN, MEMBERS, RESOURCE, SCHEMA

_FRACTION = re.compile(r"(\.\d{6})\d+")
_COMPACT = re.compile(r"^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$")
#: Seconds since 1970 of the year 2286; what is greater is in milliseconds.
_LATEST = 10_000_000_000


def table(
    shape: Shape, events: Sequence[Any], sources: Sequence[tuple[str, int]], *, pretty: bool
) -> tuple[pa.Table, list[tuple[str, str]]]:
    """The events' table, and (source, reason) of each that is unusable and left out.

    `sources` says how many of the events, in order, came from which file.
    """
    names = list(shape.type.__struct_fields__)
    values = dict(zip(names, zip(*map(attrgetter(*names), events), strict=True), strict=True))
    made: dict[str, pa.Array] = {}
    for column, name in BY_COLUMN.items():
        kind = MEMBERS[name]
        if kind == "json":
            made[column] = _raw(values[column], pretty=pretty)
        elif kind in ("text", "bool"):
            made[column] = _plain(values[column], SCHEMA.field(column).type)
    made["useridentity"], strange = identity.column(joined(values["useridentity"], pa.binary()))
    made["resources"], odd = _resources(values["resources"])
    made["eventtime"], wrong = _times(values["eventtime"], values)
    made["source"] = _sources(sources)
    made["other"] = _other(shape, values, strange, odd)
    found = pa.table([made[name] for name in SCHEMA.names], schema=SCHEMA)
    if not wrong:
        return found, []
    unusable = [(found["source"][row].as_py(), reason) for row, reason in wrong.items()]
    return found.filter(pa.array([row not in wrong for row in range(len(events))])), unusable


def _plain(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if values.count(None) == len(values):  # half the columns of most batches
        return pa.nulls(len(values), kind)
    return pa.array(values, type=kind)


def _raw(values: Sequence[Any], *, pretty: bool) -> pa.Array:
    """JSON as it stands in the file, without a Python value for each; `null` is NULL."""
    if values.count(NULL) == len(values):
        return pa.nulls(len(values), pa.string())
    if pretty:
        values = [v if v is NULL else msgspec.json.format(v, indent=-1) for v in values]
    kept: Sequence[Any] = [
        v if n != 4 else b"" if v is NULL or bytes(v) == b"null" else v
        for v, n in zip(values, map(len, values), strict=True)
    ]
    return joined(kept, pa.string())


def joined(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Bytes-like values, one after another in one buffer; an empty one is NULL."""
    sizes = _ints(list(map(len, values)))
    ends = pc.cumulative_sum(sizes)
    start = b"\0\0\0\0"
    offsets = pa.py_buffer(start + ends.buffers()[1].to_pybytes()[: 4 * len(values)])
    there = pc.greater(sizes, 0).buffers()[1]
    return pa.Array.from_buffers(
        kind, len(values), [there, offsets, pa.py_buffer(b"".join(values))]
    )


def _ints(values: list[int]) -> pa.Array:
    return pa.Array.from_buffers(pa.int32(), len(values), [None, pa.py_buffer(array("i", values))])


def _sources(sources: Sequence[tuple[str, int]]) -> pa.Array:
    number = array("i")
    for index, (_, count) in enumerate(sources):
        number.extend([index] * count)
    return pa.array([name for name, _ in sources], pa.string()).take(pa.array(number, pa.int32()))


_PARTS = attrgetter("arn", "account", "type", "lower", "prefix", "other")


def _resources(values: Sequence[list[Resource] | None]) -> tuple[pa.Array, list[Any] | None]:
    """The column, and for each row the members of its resources without a column, if any has."""
    if values.count(None) == len(values):
        return pa.nulls(len(values), pa.list_(RESOURCE)), None
    flat = list(chain.from_iterable(filter(None, values)))
    given = list(zip(*map(_PARTS, flat), strict=True)) if flat else [()] * 6
    arns, accounts, types, lower, prefixes, others = given
    odd = None
    if lower.count(None) < len(flat):
        arns = tuple(low if arn is None else arn for arn, low in zip(arns, lower, strict=True))
        odd = [_odd(v) for v in values]
    elif prefixes.count(None) < len(flat) or others.count(None) < len(flat):
        odd = [_odd(v) for v in values]
    ends = pc.cumulative_sum(_ints([len(v) if v else 0 for v in values]))
    offsets = pa.py_buffer(b"\0\0\0\0" + ends.buffers()[1].to_pybytes()[: 4 * len(values)])
    there = pa.array([v is not None for v in values], pa.bool_()).buffers()[1]
    parts = [pa.array(part, pa.string()) for part in (arns, accounts, types)]
    inner = pa.StructArray.from_arrays(parts, fields=list(RESOURCE))
    kind = pa.list_(RESOURCE)
    column = pa.Array.from_buffers(kind, len(values), [there, offsets], children=[inner])
    return column, odd


def _times(values: Sequence[Any], events: dict[str, Any]) -> tuple[pa.Array, dict[int, str]]:
    """The times, and by row why one is none."""
    kind = SCHEMA.field("eventtime").type
    try:
        found = pa.array(values, pa.string()).cast(kind)
        if not found.null_count:
            return found, {}
    except pa.ArrowInvalid:
        pass
    times: list[datetime | None] = []
    wrong: dict[int, str] = {}
    for row, text in enumerate(values):
        given = text if text is not None else _stamp(events, row)
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


def _other(
    shape: Shape, values: dict[str, Any], strange: list[Any] | None, resources: list[Any] | None
) -> pa.Array:
    """The members without a column, as one JSON object a row; NULL where there are none."""
    lenient = values["other"]
    rows = len(lenient)
    extra = [
        (name, values[f"x{n}"])
        for n, name in enumerate(shape.extras)
        if values[f"x{n}"].count(None) < rows
    ]
    if not (extra or strange or resources) and lenient.count(None) == rows:
        return pa.nulls(rows, pa.string())
    found: list[bytes | None] = []
    for row in range(rows):
        parts: dict[str, Any] = dict(lenient[row] or {})
        if strange and strange[row]:
            inner = strange[row]
            parts["userIdentity"] = inner.get("", inner) if len(inner) == 1 else inner
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
