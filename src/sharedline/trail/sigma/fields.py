"""Where a field of a rule lies: CloudTrail's names, whatever their case, to columns and paths."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

import pyarrow as pa

from sharedline.trail.schema import BY_COLUMN, MEMBERS, SCHEMA

#: All values of a JSON column, wherever they stand in it.
ANYWHERE = ("**",)
#: The same, and the text of the column itself: quotes in values are escaped there.
WHOLE = ("***",)
_INDEX = re.compile(r"\[(\d+|\*)?\]")


@dataclass(frozen=True)
class Place:
    """A column, or a member of a struct (`names`), or a path inside JSON text (`path`)."""

    kind: Literal["text", "bool", "time", "json", "resources"]
    names: tuple[str, ...]
    path: tuple[str, ...] = ()

    @property
    def several(self) -> bool:
        """Whether it may have several values."""
        return bool(self.path) or self.kind == "resources" or self.names[-1] == "*"


@cache
def place(field: str) -> Place:
    """Where a field of a rule lies; a name without a column is looked for in `other`."""
    parts = tuple(p for p in _INDEX.sub(r".\1", field).split(".") if p and p != "*")
    column = parts[0].lower() if parts else ""
    if column not in BY_COLUMN:
        if column in ("source", "other") and len(parts) == 1:
            return Place("text", (column,))
        return Place("json", ("other",), parts)
    kind = MEMBERS[BY_COLUMN[column]]
    rest = parts[1:]
    if kind == "json":
        return Place("json", (column,), rest or WHOLE)
    if kind == "identity":
        return _identity(parts)
    if kind == "resources":
        if len(rest) == 1 and rest[0].lower() in ("arn", "accountid", "type"):
            return Place("resources", (column, rest[0].lower()))
        return Place("json", ("other",), parts)
    if rest:  # a text that holds JSON in some exports
        return Place("json", ("other",), parts)
    return Place("bool" if kind == "bool" else "time" if kind == "time" else "text", (column,))


def _identity(parts: tuple[str, ...]) -> Place:
    kind: pa.DataType = SCHEMA.field("useridentity").type
    names: list[str] = ["useridentity"]
    for number, part in enumerate(parts[1:], 1):
        name = part.lower()
        if not pa.types.is_struct(kind):
            # The attributes of a federated identity are JSON inside the struct.
            if names[-1] == "attributes" and "webidfederationdata" in names:
                return Place("json", tuple(names), parts[number:])
            return Place("json", ("other",), parts)
        if kind.get_field_index(name) < 0:
            return Place("json", ("other",), parts)
        names.append(name)
        kind = kind.field(name).type
    if pa.types.is_struct(kind):
        return Place("text", (*names, "*"))
    return Place("text", tuple(names))


def texts() -> list[Place]:
    """Every place a word without a field is looked for in."""
    found = []
    for name in SCHEMA.names:
        if name in ("source", "eventtime", "resources"):
            continue
        kind = SCHEMA.field(name).type
        if name == "other" or MEMBERS.get(BY_COLUMN.get(name, "")) == "json":
            found.append(Place("json", (name,), ANYWHERE))
        elif pa.types.is_string(kind):
            found.append(Place("text", (name,)))
    found += [Place("text", names) for names in _leaves(("useridentity",))]
    found += [Place("resources", ("resources", n)) for n in ("arn", "accountid", "type")]
    return found


def _leaves(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    kind: pa.DataType = SCHEMA.field(names[0]).type
    for name in names[1:]:
        kind = kind.field(name).type
    if not pa.types.is_struct(kind):
        return [names]
    return [leaf for n in range(kind.num_fields) for leaf in _leaves((*names, kind.field(n).name))]


def members(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The texts inside a struct."""
    return _leaves(names)
