"""From AWS's items to typed rows: the values of the columns, and what an absent member means."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sharedline.collect.paths import getter
from sharedline.collect.schema import TableSchema
from sharedline.collect.table import Col, Ref, Type

_EMPTY: Mapping[Type, Any] = {
    "string": "",
    "bool": False,
    "int": 0,
    "double": 0.0,
    "timestamp": None,
    "strings": [],
    "json": "",
}
Row = dict[str, Any]


def as_json(value: Any) -> str:
    """JSON text with sorted keys; dates in ISO 8601, bytes as text."""

    def other(x: Any) -> str:
        if isinstance(x, datetime):
            return x.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return x.decode("utf-8", "replace") if isinstance(x, bytes) else str(x)

    return _storable(json.dumps(value, default=other, sort_keys=True, ensure_ascii=False))


def _storable(text: str) -> str:
    """Text as UTF-8 can hold it: JSON from AWS may escape half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def tags_of(value: Any) -> str | None:
    """AWS's tags (a map, or a list of key/value pairs in any of its spellings) as a JSON object."""
    if value is None:
        return None
    if isinstance(value, str):
        return value or "{}"
    if isinstance(value, dict):
        return as_json({str(k): str(v) for k, v in value.items()})
    found: dict[str, str] = {}
    for entry in value:
        low = {str(k).lower(): v for k, v in entry.items()}
        key = low.get("key", low.get("tagkey"))
        if key is not None:
            found[str(key)] = str(low.get("value", low.get("tagvalue")) or "")
    return as_json(found)


def _string(value: Any) -> str:
    if isinstance(value, str):
        return value if value.isascii() else _storable(value)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else as_json(value)


def _bool(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    return {"true": True, "false": False, "1": True, "0": False}.get(text)


def _number(kind: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        try:
            found = kind(value)
        except (TypeError, ValueError, OverflowError):
            return None
        # A column holds 64 bits; a number beyond them is one that we cannot say.
        return None if isinstance(found, int) and not -(2**63) <= found < 2**63 else found

    return convert


def _timestamp(value: Any) -> datetime | None:
    try:
        if isinstance(value, datetime):
            found = value
        elif isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        else:
            found = datetime.fromisoformat(str(value))
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _strings(value: Any) -> list[str]:
    values = value if isinstance(value, list | tuple) else [value]
    return [_string(v) for v in values if v is not None]


CONVERT: Mapping[Type, Callable[[Any], Any]] = {
    "string": _string,
    "bool": _bool,
    "int": _number(int),
    "double": _number(float),
    "timestamp": _timestamp,
    "strings": _strings,
    "json": _string,
}


class Columns:
    """The columns that one answer fills: compiled once per table, then applied to every item."""

    def __init__(self, declared: Mapping[str, str | Col | Ref], schema: TableSchema) -> None:
        self._plan: list[tuple[str, Callable[[Any], Any], Callable[[Any], Any], Any]] = []
        self._names = tuple(n for n, d in declared.items() if not isinstance(d, Ref))
        for name, source in declared.items():
            if isinstance(source, Ref):
                continue
            column = schema.column(name)
            assert column is not None
            c = source if isinstance(source, Col) else Col(source)
            default = c.default
            if default is None and (c.optional or column.type == "strings"):
                default = "{}" if name == "tags" else _EMPTY[column.type]
            convert = tags_of if name == "tags" else CONVERT[column.type]
            self._plan.append((name, getter(c.path), convert, default))

    def read(self, value: Any, into: Row) -> None:
        """Fills the columns from an answer; an absent member becomes its default."""
        for name, get, convert, default in self._plan:
            found = get(value)
            into[name] = default if found is None else convert(found)

    def not_asked(self, into: Row) -> None:
        """The call does not apply to this item: defaults where declared, else NULL."""
        for name, _, _, default in self._plan:
            into[name] = default

    def assume(self, meaning: Any, into: Row) -> None:
        """An expected error says this: one value for all columns, or a value for each."""
        each = isinstance(meaning, dict) and any(name in meaning for name in self._names)
        for name, _, convert, default in self._plan:
            value = meaning.get(name, default) if each else meaning
            into[name] = convert(value) if value is not None else None

    def unknown(self, into: Row) -> None:
        """The call failed: all its columns are NULL."""
        for name in self._names:
            into[name] = None


_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


class ArnTemplate:
    """`arn:{partition}:ec2:{region}:{account_id}:instance/{InstanceId}`, compiled."""

    def __init__(self, template: str) -> None:
        self._parts: list[tuple[str, str | None, Callable[[Any], Any] | None]] = []
        position = 0
        for match in _PLACEHOLDER.finditer(template):
            name = match.group(1)
            own = name in ("partition", "region", "account_id")
            before = template[position : match.start()]
            self._parts.append((before, name if own else None, None if own else getter(name)))
            position = match.end()
        self._tail = template[position:]

    def fill(self, item: Any, context: Mapping[str, str]) -> str | None:
        """The ARN; None where a member that it needs is absent."""
        out = []
        for before, name, get in self._parts:
            value = context[name] if name else get(item) if get else None
            if value is None:
                return None
            out += [before, str(value)]
        return "".join(out) + self._tail
