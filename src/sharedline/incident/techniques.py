"""What an event is in the terms of ATT&CK: a detection's word, else the table `techniques.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Any, Protocol

from sharedline.errors import ConfigError
from sharedline.incident.chain_links import parsed, plain_name

_KEYS = frozenset({"event", "when", "techniques", "tactics", "example"})
#: Members of an event that are JSON text in the table.
_JSON = frozenset({"requestParameters", "responseElements", "additionalEventData"})


class Detected(Protocol):
    """As much of a detection as is read here."""

    @property
    def events(self) -> tuple[str, ...]:
        """The ids of its events."""

    @property
    def techniques(self) -> tuple[str, ...]:
        """Such as `T1078.004`."""

    @property
    def tactics(self) -> tuple[str, ...]:
        """Such as `credential-access`."""


@dataclass(frozen=True)
class Entry:
    """A line of the table."""

    event: tuple[str, ...]
    techniques: tuple[str, ...]
    tactics: tuple[str, ...]
    when: Mapping[str, tuple[str, ...]]
    example: Mapping[str, Any]

    def fits(self, name: str, row: Mapping[str, Any]) -> bool:
        """Whether an event, told by `prefix:Name` and its row, is meant."""
        if not any(fnmatchcase(name, pattern) for pattern in self.event):
            return False
        return all(_fits(_member(row, path), wanted) for path, wanted in self.when.items())


def _fits(value: Any, wanted: Sequence[str]) -> bool:
    if isinstance(value, list | dict):
        texts = [str(value)]
    elif isinstance(value, bool):
        texts = [str(value).lower()]
    else:
        texts = ["" if value is None else str(value)]
    return any(
        not fnmatchcase(text, w[1:]) if w.startswith("!") else fnmatchcase(text, w)
        for text in texts
        for w in wanted
    )


def _member(row: Mapping[str, Any], path: str) -> Any:
    """A member by CloudTrail's names, of the row in lower case."""
    first, *rest = path.split(".")
    value: Any = row.get(first.lower())
    if first in _JSON:
        value = parsed(value)
        for name in rest:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value
    for name in rest:
        value = value.get(name.lower()) if isinstance(value, Mapping) else None
    return value


@cache
def table() -> tuple[Entry, ...]:
    """The entries, in order."""
    text = resources.files("sharedline.incident").joinpath("techniques.toml").read_text("utf-8")
    found = []
    for number, given in enumerate(tomllib.loads(text)["technique"], 1):
        if unknown := set(given) - _KEYS:
            raise ConfigError(
                f"Entry {number} of techniques.toml has {sorted(unknown)[0]!r}.",
                f"It may have {', '.join(sorted(_KEYS))}.",
            )
        found.append(
            Entry(
                _several(given["event"]),
                _several(given.get("techniques", ())),
                _several(given["tactics"]),
                {path: _several(wanted) for path, wanted in given.get("when", {}).items()},
                given.get("example", {}),
            )
        )
    return tuple(found)


def _several(given: str | Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def name_of(row: Mapping[str, Any]) -> str:
    """`s3:ListBuckets`; without the dates that Lambda puts behind names."""
    source = (row["eventsource"] or "").split(".")[0]
    return f"{source}:{plain_name(row['eventname'] or '')}"


class Techniques:
    """Techniques and tactics of events, given the detections that there are."""

    def __init__(self, detections: Iterable[Detected] = ()) -> None:
        self._told: dict[str, list[Detected]] = {}
        for detection in detections:
            for event in detection.events:
                self._told.setdefault(event, []).append(detection)

    def of(
        self, row: Mapping[str, Any], events: Iterable[str]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Techniques and tactics of an event, or of several like it."""
        told = {id(d): d for e in events for d in self._told.get(e, ())}.values()
        techniques = dict.fromkeys(t for d in told for t in d.techniques)
        if techniques:
            tactics = dict.fromkeys(t for d in told for t in d.tactics)
            return tuple(techniques), tuple(tactics)
        return of_event(row)


def of_event(row: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Techniques and tactics of an event by the table; both empty where it says nothing."""
    name = name_of(row)
    for entry in table():
        if entry.fits(name, row):
            return entry.techniques, entry.tactics
    return (), ()
