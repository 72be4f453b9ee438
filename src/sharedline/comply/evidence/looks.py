"""The looks of one check over time: how far apart, which exceptions, and when those were closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without a look, longer than asked."""

    start: datetime
    end: datetime

    @property
    def days(self) -> int:
        """From the one day to the other, whatever the hours."""
        return (self.end.date() - self.start.date()).days


@dataclass(frozen=True, slots=True)
class Look:
    """One look of one check: the item, and what it says."""

    index: int
    observed: datetime
    result: str
    population: int
    exceptions: int
    waived: int
    unknown: int
    samples: tuple[str, ...]
    scan: str
    #: The accounts and Regions that were looked at, in words.
    covered: frozenset[str]

    @property
    def open(self) -> int:
        """Exceptions that nobody had accepted."""
        return self.exceptions - self.waived

    @property
    def whole(self) -> bool:
        """Whether it names every exception and could read everything."""
        return not self.unknown and len(self.samples) == self.exceptions


@dataclass(frozen=True, slots=True)
class Exceptional:
    """A resource that was an exception: since when, until when, whether its end is known."""

    resource: str
    first: datetime
    last: datetime
    #: The look that no longer had it; None while it is open, or where nobody can say.
    closed: datetime | None
    state: Literal["closed", "open", "not known"]


def look_of(index: int, item: Mapping[str, Any], scanned: frozenset[str] = frozenset()) -> Look:
    """The look that an item of a check is; `scanned` is what its scan covered, if that is known."""
    return Look(
        index=index,
        observed=datetime.fromisoformat(item["observed"]),
        result=item.get("result", "unknown"),
        population=item.get("population", 0),
        exceptions=item.get("exceptions", 0),
        waived=item.get("waived", 0),
        unknown=item.get("unknown", 0),
        samples=tuple(item.get("samples", ())),
        scan=item.get("ref", {}).get("scan", ""),
        covered=scanned or coverage(item),
    )


def coverage(item: Mapping[str, Any]) -> frozenset[str]:
    """The accounts and Regions that an item names."""
    subject = item.get("subject", {})
    return frozenset(
        [f"account {a}" for a in subject.get("accounts", ())]
        + [f"Region {r}" for r in subject.get("regions", ())]
    )


def gaps(seen: Sequence[datetime], start: datetime, end: datetime, most: int) -> list[Gap]:
    """Times without a look of more days than allowed, those at both ends too."""
    marks = [start, *seen, end]
    return [
        Gap(before, after) for before, after in pairwise(marks) if Gap(before, after).days > most
    ]


def exceptions(looks: Sequence[Look]) -> list[Exceptional]:
    """Each named exception, and when a later look no longer had it.

    A look names a few exceptions only. That one is no longer named proves that it was closed where
    the look names all that it has and could read everything; else its end is not known.
    """
    out: dict[str, Exceptional] = {}
    past: list[Exceptional] = []
    for look in looks:
        for name in look.samples:
            known = out.get(name)
            first = known.first if known and known.state != "closed" else look.observed
            if known and known.state == "closed":
                past.append(known)
            out[name] = Exceptional(name, first, look.observed, None, "open")
        for name, one in out.items():
            if name in look.samples or one.state == "closed":
                continue
            if look.whole:
                out[name] = Exceptional(name, one.first, one.last, look.observed, "closed")
            else:
                out[name] = Exceptional(name, one.first, one.last, None, "not known")
    return sorted((*past, *out.values()), key=lambda e: (e.first, e.resource))


def lost(looks: Sequence[Look]) -> list[str]:
    """Accounts and Regions that some looks covered and others did not."""
    named = [k.covered for k in looks if k.covered]
    return sorted(frozenset().union(*named) - named[0].intersection(*named)) if named else []
