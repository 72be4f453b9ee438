"""Checks fixture data against botocore's shapes and turns it into the values they stand for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
RELATIVE = re.compile(r"now|[+-](?:\d+[smhdw])+")
PLACEHOLDER = re.compile(r"@\{([^}]*)\}")
# Known only when a request arrives, so they stay in the text until then.
OF_THE_REQUEST = ("account", "region")


class ShapeError(ValueError):
    """Data that does not fit its shape: where (`Findings[0].Severity`) and what is wrong."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


@dataclass(frozen=True)
class Conform:
    """How strictly to check, and the moment that relative times refer to.

    `partial` is for patterns over a request: members may be missing, and null means absent.
    """

    now: datetime
    partial: bool = False

    def __call__(self, value: Any, shape: Shape, path: str = "") -> Any:
        """The value as its shape means it; a ShapeError where it does not fit."""
        if value is None:
            if self.partial:
                return None
            raise ShapeError(path, "null is not an AWS value; leave the member out")
        return self._checker(shape)(value, shape, path)

    def _checker(self, shape: Shape) -> Callable[[Any, Any, str], Any]:
        checkers: dict[str, Callable[[Any, Any, str], Any]] = {
            "structure": self._structure,
            "list": self._list,
            "map": self._map,
            "string": self._string,
            "character": self._string,
            "timestamp": self._timestamp,
            "boolean": self._boolean,
            "blob": self._blob,
            "float": self._float,
            "double": self._float,
        }
        return checkers.get(shape.type_name, self._integer)

    def _structure(self, value: Any, shape: StructureShape, path: str) -> Any:
        if getattr(shape, "is_document_type", False):
            return value
        _expect(value, Mapping, "a mapping", path)
        if getattr(shape, "is_eventstream", False):
            raise ShapeError(path, "is a stream of events, which a fixture cannot answer")
        for name in value:
            if name not in shape.members:
                raise ShapeError(f"{path}.{name}", _unknown("member", str(name), shape.members))
        missing = [name for name in shape.required_members if name not in value]
        if missing and not self.partial:
            raise ShapeError(path, f"AWS always sends {', '.join(missing)} here; add it")
        return {
            name: self(item, shape.members[name], f"{path}.{name}") for name, item in value.items()
        }

    def _list(self, value: Any, shape: ListShape, path: str) -> list[Any]:
        _expect(value, list, "a list", path)
        return [self(item, shape.member, f"{path}[{i}]") for i, item in enumerate(value)]

    def _map(self, value: Any, shape: MapShape, path: str) -> dict[str, Any]:
        _expect(value, Mapping, "a mapping", path)
        return {
            self(key, shape.key, f"{path}.{key}"): self(item, shape.value, f"{path}.{key}")
            for key, item in value.items()
        }

    def _string(self, value: Any, shape: StringShape, path: str) -> str:
        _expect(value, str, "a string (quote it)", path)
        allowed = getattr(shape, "enum", None) or []
        if allowed and value not in allowed and not PLACEHOLDER.search(value):
            raise ShapeError(path, _unknown("value", value, allowed))
        return self._expand(value, path)

    def _expand(self, text: str, path: str) -> str:
        """Replace `@{-3d}` by that moment; keep what is known only at the request."""

        def moment(match: re.Match[str]) -> str:
            name = match[1]
            if name in OF_THE_REQUEST:
                return match[0]
            if not RELATIVE.fullmatch(name):
                known = ", ".join(f"@{{{item}}}" for item in (*OF_THE_REQUEST, "now", "-3d"))
                raise ShapeError(path, f"unknown {match[0]}; known are {known}")
            return relative(name, self.now).strftime("%Y-%m-%dT%H:%M:%SZ")

        return PLACEHOLDER.sub(moment, text)

    def _timestamp(self, value: Any, _: Shape, path: str) -> datetime:
        if isinstance(value, str) and RELATIVE.fullmatch(value):
            return relative(value, self.now)
        try:
            return _absolute(value)
        except (ValueError, TypeError, OverflowError) as error:
            wanted = "a time: -3d, +2h, now, 2026-01-31T12:00:00Z or seconds since 1970"
            raise ShapeError(path, f"{value!r} is not {wanted}") from error

    def _boolean(self, value: Any, _: Shape, path: str) -> bool:
        _expect(value, bool, "true or false", path)
        return bool(value)

    def _blob(self, value: Any, _: Shape, path: str) -> bytes:
        _expect(value, (str, bytes), "text or !!binary", path)
        return value.encode() if isinstance(value, str) else bytes(value)

    def _float(self, value: Any, _: Shape, path: str) -> float:
        _expect(value, (int, float), "a number", path)
        return float(value)

    def _integer(self, value: Any, shape: Shape, path: str) -> int:
        if shape.type_name not in ("integer", "long", "short", "byte", "bigInteger"):
            raise ShapeError(path, f"has the type {shape.type_name}, which is not supported")
        _expect(value, int, "a whole number", path)
        return int(value)


def relative(text: str, now: datetime) -> datetime:
    """The moment that `-3d`, `+1h30m` or `now` means."""
    sign = -1 if text.startswith("-") else 1
    parts = re.findall(r"(\d+)([smhdw])", text)
    return now + sign * sum(
        (timedelta(**{UNITS[unit]: int(count)}) for count, unit in parts), timedelta()
    )


def fill(value: Any, names: Mapping[str, str]) -> Any:
    """The value with `@{account}` and `@{region}` replaced."""
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda match: names[match[1]], value)
    if isinstance(value, Mapping):
        return {fill(key, names): fill(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, names) for item in value]
    return value


def _absolute(value: Any) -> datetime:
    if isinstance(value, bool):
        raise TypeError("a boolean")
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        raise TypeError("not a time")
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _expect(value: Any, kind: Any, wanted: str, path: str) -> None:
    # bool is an int to Python but never to AWS.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ShapeError(path, f"must be {wanted}, not {_named(value)}")


def _named(value: Any) -> str:
    return f"{type(value).__name__} {str(value)[:40]!r}"


def _unknown(what: str, name: str, allowed: Any) -> str:
    """`unknown member 'Foo'; …` with the nearest allowed name, or the first dozen."""
    names = sorted(map(str, allowed))
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"unknown {what} {name!r}; did you mean {near[0]!r}?"
    return f"unknown {what} {name!r}; allowed: {', '.join(names[:12])}{', …' * (len(names) > 12)}"
