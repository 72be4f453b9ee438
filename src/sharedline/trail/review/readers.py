"""Tells people from machines among those who read logs, by rules in `readers.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from sharedline.errors import ConfigError

Kind = Literal["person", "machine", "unclear"]
#: What rules may ask of a reader.
FIELDS = (
    "type",
    "arn",
    "name",
    "role",
    "user_agent",
    "invoked_by",
    "console",
    "mfa",
    "delivery",
    "provider",
)
Patterns = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who read: a person, a machine or unclear, by which rule, under which name."""

    kind: Kind
    rule: str
    name: str
    forwards: bool = False


@dataclass(frozen=True)
class Rule:
    """One rule of `readers.toml`: the first that matches decides."""

    name: str
    kind: Kind
    when: Patterns
    unless: Patterns
    forwards: bool
    examples: tuple[Mapping[str, str], ...]

    def matches(self, fields: Mapping[str, str]) -> bool:
        """Whether every field of `when` matches and none of `unless`."""
        if any(_hit(fields.get(f, ""), globs) for f, globs in self.unless.items()):
            return False
        return all(_hit(fields.get(f, ""), globs) for f, globs in self.when.items())


@dataclass(frozen=True)
class Look:
    """Events that are a look at logs or findings, and where they name what was looked at."""

    of: str
    source: str
    events: tuple[str, ...]
    target: tuple[str, ...]
    does: str
    counts: bool = True
    join: bool = False


@dataclass(frozen=True)
class Rules:
    """All of `readers.toml`."""

    readers: tuple[Rule, ...]
    looks: tuple[Look, ...]
    athena: Patterns
    by_event: Mapping[tuple[str, str], Look]

    def judge(self, fields: Mapping[str, str]) -> Reader:
        """Who this is; unclear where no rule says."""
        name = fields.get("name") or fields.get("arn") or fields.get("type") or "nobody named"
        for rule in self.readers:
            if rule.matches(fields):
                shown = fields.get("invoked_by") or name if rule.name == "AWS service" else name
                return Reader(rule.kind, rule.name, shown, rule.forwards)
        return Reader("unclear", "no rule tells", name)

    def look(self, source: str, event: str) -> Look | None:
        """What an event is a look at."""
        return self.by_event.get((source, event))

    def concerns(self, text: str) -> frozenset[str]:
        """The kinds of sources that an Athena query's words speak of."""
        return frozenset(kind for kind, globs in self.athena.items() if _hit(text, globs))


def _hit(value: str, globs: tuple[str, ...]) -> bool:
    low = value.lower()
    return any(fnmatchcase(low, g.lower()) for g in globs)


def _patterns(value: Mapping[str, list[str]], where: str) -> Patterns:
    strange = set(value) - set(FIELDS)
    if strange:
        raise ConfigError(f"{where}: no field {sorted(strange)[0]!r}.", f"Fields: {FIELDS}.")
    return {k: tuple(v) for k, v in value.items()}


@cache
def load() -> Rules:
    """The rules that ship with the product."""
    text = files("sharedline.trail.review").joinpath("readers.toml").read_text("utf-8")
    data = tomllib.loads(text)
    readers = tuple(
        Rule(
            r["name"],
            r["kind"],
            _patterns(r["when"], r["name"]),
            _patterns(r.get("unless", {}), r["name"]),
            bool(r.get("forwards")),
            tuple(r["examples"]),
        )
        for r in data["reader"]
    )
    looks = tuple(
        Look(
            k["of"],
            k["source"],
            tuple(k["events"]),
            tuple(k["target"]),
            k["does"],
            k.get("counts", True),
            k.get("join", False),
        )
        for k in data["look"]
    )
    by_event = {(k.source, e): k for k in looks for e in k.events}
    return Rules(readers, looks, {k: tuple(v) for k, v in data["athena"].items()}, by_event)


def fields_of(row: Mapping[str, Any]) -> dict[str, str]:
    """What the rules ask, from an event's columns as `events.py` selects them."""
    arn = str(row.get("arn") or "")
    issuer = str(row.get("issuer") or "")
    tail = arn.split(":", 5)[-1].split("/")
    assumed = tail[0] == "assumed-role" and len(tail) > 2
    role = issuer.rsplit("/", 1)[-1] or (tail[1] if assumed else "")
    name = tail[-1] if assumed else str(row.get("user_name") or "") or tail[-1]
    return {
        "type": str(row.get("type") or ""),
        "arn": arn,
        "name": name,
        "role": role if assumed or issuer else "",
        "user_agent": str(row.get("user_agent") or ""),
        "invoked_by": str(row.get("invoked_by") or row.get("address") or ""),
        "console": "true" if row.get("console") else "",
        "mfa": str(row.get("mfa") or "").lower(),
        "delivery": str(row.get("delivery") or ""),
        "provider": str(row.get("provider") or ""),
    }
