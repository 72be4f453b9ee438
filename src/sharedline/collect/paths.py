"""Paths into AWS's answers: `A.B[].C` compiled to plain Python, anything richer through JMESPath.

A plain path costs a tenth of a JMESPath expression, and a scan evaluates millions of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import jmespath
from botocore.model import ListShape, MapShape, Shape, StructureShape

_PLAIN = re.compile(r"^[A-Za-z_][\w-]*(\[\])?(\.[A-Za-z_][\w-]*(\[\])?)*$")

Getter = Callable[[Any], Any]


def is_plain(path: str) -> bool:
    """Whether the path is members and list projections only, so that its shape can be known."""
    return path == "@" or bool(_PLAIN.match(path))


@cache
def getter(path: str) -> Getter:
    """A function from an item to the value at `path`; None where a member is absent."""
    if path == "@":
        return lambda value: value
    if not is_plain(path):
        return partial(_searched, jmespath.compile(path))
    steps = tuple((part.removesuffix("[]"), part.endswith("[]")) for part in path.split("."))
    if len(steps) == 1 and not steps[0][1]:
        name = steps[0][0]
        return lambda value: value.get(name) if isinstance(value, dict) else None
    return lambda value: _walk(value, steps)


def _searched(expression: Any, value: Any) -> Any:
    """None where a function is given what it cannot take: the answer lacks a part."""
    try:
        return expression.search(value)
    except jmespath.exceptions.JMESPathTypeError:
        return None


def _walk(value: Any, steps: tuple[tuple[str, bool], ...]) -> Any:
    for position, (name, many) in enumerate(steps):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
        if many:
            rest = steps[position + 1 :]
            found = [v if not rest else _walk(v, rest) for v in value or ()]
            if any(step[1] for step in rest):
                return [leaf for part in found if part for leaf in part]
            return [leaf for leaf in found if leaf is not None]
    return value


def items_at(response: Any, path: str) -> list[Any]:
    """The items of a listing: those at `path`, or the answer itself where `path` is empty."""
    if not path:
        return [{k: v for k, v in response.items() if k != "ResponseMetadata"}]
    found = getter(path)(response)
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def shape_at(shape: Shape | None, path: str) -> tuple[Shape, bool]:
    """The shape at a plain path and whether it is a list of them.

    Raises `LookupError` naming the member that the shape does not have.
    """
    many = False
    if shape is None:
        raise LookupError("the operation has no output")
    if path in ("", "@"):
        return shape, many
    for part in path.split("."):
        name = part.removesuffix("[]")
        if isinstance(shape, MapShape):
            shape = shape.value
        elif isinstance(shape, StructureShape):
            if name not in shape.members:
                known = ", ".join(sorted(shape.members)[:40])
                raise LookupError(f"{shape.name} has no member {name}; it has: {known}")
            shape = shape.members[name]
        else:
            raise LookupError(  # noqa: TRY004 the path is wrong, not the type of an argument
                f"{shape.name} is a {shape.type_name} and has no member {name}"
            )
        if part.endswith("[]"):
            if not isinstance(shape, ListShape):
                raise LookupError(f"{name} is a {shape.type_name}, not a list")
            shape, many = shape.member, True
    return shape, many
