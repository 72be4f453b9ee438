"""Which IAM actions an event of CloudTrail used, and which actions a trail can show at all.

The facts are in `event_actions.toml`, each service with the page of AWS that says so.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import botocore.loaders

from sharedline.iam.actions import find, services
from sharedline.iam.globs import glob

#: `CreateFunction20150331v2`, `CreateDistribution2020_05_31`: the API's version in the event's name.
_VERSION = re.compile(r"_?(?:20\d{6}|20\d\d_\d\d_\d\d)(?:v\d+)?$")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,127}")
_HOST = re.compile(r"([a-z0-9][a-z0-9.-]{0,62})\.amazonaws\.com(?:\.cn)?")


@dataclass(frozen=True)
class Service:
    """What is known of a service's events; without `source` it was not reviewed."""

    prefix: str
    models: tuple[str, ...] = ()
    source: str = ""
    why: str = ""
    logged: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    verbs: bool = False
    everywhere: bool = False
    actions: Mapping[str, tuple[str, ...]] = ()  # type: ignore[assignment]
    also: Mapping[str, tuple[str, ...]] = ()  # type: ignore[assignment]
    versioned: Mapping[str, str] = ()  # type: ignore[assignment]

    def shown(self, event: str) -> bool:
        """Whether a trail of management events has this event for certain."""
        if not self.source or _any(self.hidden, event):
            return False
        return not self.logged or _any(self.logged, event)


def _any(patterns: Iterable[str], name: str) -> bool:
    return any(glob(pattern, fold=True).matches(name) for pattern in patterns)


@cache
def data() -> Mapping[str, Any]:
    """The file of facts."""
    text = files("sharedline.iam.fit").joinpath("event_actions.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def service(prefix: str) -> Service:
    """What is known of the events of the service with this IAM prefix."""
    raw = data()["services"].get(prefix)
    if raw is None:
        return Service(prefix, actions={}, also={}, versioned={})
    return Service(
        prefix=prefix,
        models=tuple(raw["models"]),
        source=raw["source"],
        why=raw.get("why", ""),
        logged=tuple(raw.get("logged", ())),
        hidden=tuple(raw.get("hidden", ())),
        verbs=raw.get("verbs", False),
        everywhere=raw.get("global", False),
        actions={k.lower(): tuple(v) for k, v in raw.get("actions", {}).items()},
        also={k.lower(): tuple(v) for k, v in raw.get("also", {}).items()},
        versioned={k.lower(): v for k, v in raw.get("versioned", {}).items()},
    )


#: Names in events are anybody's: what is remembered of them is bounded.
_REMEMBERED = 20_000


@lru_cache(maxsize=_REMEMBERED)
def prefix_of(source: str) -> str | None:
    """The IAM prefix of an `eventSource`; empty where no action belongs to it, None: not known."""
    found = _HOST.fullmatch(source.lower())
    if found is None:
        return None
    known: Mapping[str, str] = data()["sources"]
    name = known.get(found[1], found[1])
    return name if not name or name in services() else None


def _full(prefix: str, name: str) -> str | None:
    found = find(name if ":" in name else f"{prefix}:{name}")
    return found.full if found else None


@cache
def _operations(model: str) -> Mapping[str, str]:
    """The operations of a botocore service, each with its HTTP method."""
    loaded = botocore.loaders.create_loader().load_service_model(model, "service-2")
    return {n: one.get("http", {}).get("method", "") for n, one in loaded["operations"].items()}


@cache
def _methods(prefix: str) -> Mapping[str, str]:
    one = service(prefix)
    return {n.lower(): m for model in one.models for n, m in _operations(model).items()}


@lru_cache(maxsize=_REMEMBERED)
def _mapped(prefix: str, event: str) -> tuple[str, ...] | None:
    one = service(prefix)
    if event in data()["free"].get(prefix, ()):
        return ()
    for name in (event, _VERSION.sub("", event)):
        names = one.actions.get(name.lower())
        if names is not None:
            full = [_full(prefix, action) for action in names]
            return tuple(action for action in full if action) or None
        if one.verbs and (method := _methods(prefix).get(name.lower())):
            verb = _full(prefix, method)
            return (verb,) if verb else None
        regular = _full(prefix, name)
        if regular:
            return (regular,)
    return None


def actions_of(source: str, event: str, *, version: bool = False) -> tuple[str, ...] | None:
    """The actions that a call needed; () where it needs none, None where they are not known.

    `version`: the request names one version of an object, which has actions of its own.
    """
    prefix = prefix_of(source)
    if prefix is None or not _NAME.fullmatch(event):
        return None
    if not prefix:
        return ()
    if version and (other := service(prefix).versioned.get(event.lower())):
        full = _full(prefix, other)
        return (full,) if full else None
    return _mapped(prefix, event)


@lru_cache(maxsize=_REMEMBERED)
def also_of(source: str, event: str) -> tuple[str, ...]:
    """The actions that a call may need beside, and that have no event of their own then."""
    prefix = prefix_of(source)
    if not prefix:
        return ()
    names = service(prefix).also.get(_VERSION.sub("", event).lower(), ())
    return tuple(full for name in names if (full := _full(prefix, name)))


@cache
def _shown(prefix: str) -> frozenset[str]:
    """The actions of which every call is in a trail of management events."""
    one = service(prefix)
    if not one.source:
        return frozenset()
    seen: set[str] = set()
    unseen: set[str] = set()
    names = {name for model in one.models for name in _operations(model)}
    for name in {*names, *one.versioned}:
        found = actions_of(f"{prefix}.amazonaws.com", name) or _mapped(prefix, name) or ()
        (seen if one.shown(name) else unseen).update(found)
    unseen |= {full for name in one.versioned.values() if (full := _full(prefix, name))}
    return frozenset(seen - unseen - set(data()["unobservable"]))


def observable(action: str) -> bool:
    """Whether an unrestricted trail of management events shows each use of the action.

    False where it is a data event, part of another call, not logged, or of a service that was not
    reviewed: then not having seen it means nothing.
    """
    found = find(action)
    return found is not None and found.full in _shown(found.service)


def in_reach(
    action: str, regions: Collection[str], seen: Collection[str], *, every: bool = False
) -> bool:
    """Whether events of these Regions would hold a use of the action, as far as that can be told.

    A trail can leave out keys, and the events of IAM and its like, which are all in the partition's
    first Region: without a single one in `seen` (prefixes) it says nothing of them. Events of one
    Region may be those of a trail of that Region, or of LookupEvents: uses elsewhere are not in
    them, unless it is known (`every`) that all Regions are.
    """
    found = find(action)
    if found is None:
        return False
    everywhere = service(found.service).everywhere
    if (everywhere or found.service == "kms") and found.service not in seen:
        return False
    if everywhere:
        return bool(set(data()["first"]["regions"]) & set(regions))
    return every or len(regions) > 1


def why_hidden(action: str) -> str:
    """Why an action that is not observable is not, in words."""
    found = find(action)
    if found is None:
        return "AWS has no action of that name"
    if found.full in data()["unobservable"]:
        return str(data()["unobservable"][found.full])
    one = service(found.service)
    if not one.source:
        return f"what CloudTrail records of {found.service} was not reviewed"
    return one.why or "no event of its own names it"


@lru_cache(maxsize=_REMEMBERED)
def tracked(action: str) -> bool:
    """Whether IAM's last-accessed data of the service covers the action."""
    return not _any(data()["untracked"]["actions"], action)
