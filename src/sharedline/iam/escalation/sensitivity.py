"""The resources that a path may aim at: by ARN, or because their owners call them sensitive."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from sharedline.iam.access.entries import ResourceEntry
from sharedline.iam.access.estate import Estate

_NO = frozenset({"", "0", "false", "no", "none", "public"})
_WORDS = re.compile(r"[^0-9a-z]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """The actions that take the contents of a service's resources, and what is put behind the ARN."""

    actions: tuple[str, ...]
    behind: str


@dataclass(frozen=True, slots=True)
class Marks:
    """What makes a resource sensitive: tags with values (none: any) and words of names."""

    tags: Mapping[str, frozenset[str]]
    words: frozenset[str]

    def why(self, entry: ResourceEntry) -> str:
        """Why a resource is sensitive; empty where nothing says so."""
        for name, value in (entry.tags or {}).items():
            values = self.tags.get(name.lower())
            if values is None:
                continue
            if value.lower() in values or (not values and value.lower() not in _NO):
                return f"tagged {name}={value}"
        parts = entry.arn.split(":", 5)
        found = self.words & set(_WORDS.split(parts[-1].lower()))
        return f"named {min(found)}" if found else ""


@cache
def _data() -> Mapping[str, Mapping[str, object]]:
    text = (resources.files("sharedline.iam.escalation") / "sensitive.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def readings() -> Mapping[str, Reading]:
    """How the contents of resources are taken, by the service in their ARN."""
    found = {}
    for service, one in _data()["reading"].items():
        assert isinstance(one, dict), "our own file"
        found[service] = Reading(tuple(one["actions"]), one["behind"])
    return found


def marks(tags: Iterable[str] = (), words: Iterable[str] = ()) -> Marks:
    """The marks that ship with the package; instead of them those given (`name=value`, `name`)."""
    tags, words = tuple(tags), tuple(words)
    if tags or words:
        own: dict[str, set[str]] = {}
        for one in tags:
            name, _, value = one.partition("=")
            own.setdefault(name.lower(), set()).update({value.lower()} if value else ())
        chosen = {name: frozenset(values) for name, values in own.items()}
        return Marks(chosen, frozenset(word.lower() for word in words))
    named = _data()["names"]["words"]
    assert isinstance(named, list), "our own file"
    shipped = {}
    for name, values in _data()["tags"].items():
        assert isinstance(values, list), "our own file"
        shipped[name] = frozenset(values)
    return Marks(shipped, frozenset(named))


def sensitive(estate: Estate, by: Marks) -> Iterator[tuple[ResourceEntry, str]]:
    """The resources whose contents can be taken and that are sensitive, and why."""
    for entry in estate.resources.values():
        if service_of(entry.arn) in readings():
            why = by.why(entry)
            if why:
                yield entry, why


def service_of(arn: str) -> str:
    """The service that an ARN names; empty where it is none."""
    parts = arn.split(":", 5)
    return parts[2] if len(parts) == 6 else ""
