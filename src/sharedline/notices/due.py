"""What comes to its end: waivers and attestations that expire, exercises and improvements due."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sharedline.model import NOBODY, Attestation, Waiver
from sharedline.notices.digest import NAMED, owners_of, soon, waiver_item
from sharedline.notices.model import Item, Notice, Section
from sharedline.notices.settings import Audience
from sharedline.results import Results
from sharedline.state.database import Database


@dataclass(frozen=True, slots=True)
class Due:
    """Something to rehearse: a duty, team or runbook, why, whose, by when (None: it never was)."""

    name: str
    why: str
    due: date | None
    owner: str = NOBODY


@dataclass(frozen=True, slots=True)
class Overdue:
    """An improvement item past its day."""

    id: str
    title: str
    owner: str
    due: date


def expiring(
    results: Results,
    waivers: Sequence[Waiver],
    attestations: Iterable[Attestation],
    to: Audience,
    now: datetime,
) -> list[Notice]:
    """A notice to each team for each set of waivers that expire; attestations to the admins."""
    found: dict[str, dict[str, list[Item]]] = {}
    for waiver in soon(waivers, now, to.days):
        for owner in owners_of(results, waiver):
            lists = found.setdefault(owner, {})
            lists.setdefault("Waivers", []).append(waiver_item(waiver, now))
    for said in _latest(attestations, now, to.days):
        word = "expired" if said.expires < now else "expires"
        item = Item(said.duty, f"{word} {said.expires:%Y-%m-%d}: {said.statement} (by {said.by})")
        found.setdefault(NOBODY, {}).setdefault("Attestations", []).append(item)
    return [
        _notice("expiring", owner, "What expires", lists, to.link("waivers"))
        for owner, lists in sorted(found.items())
    ]


def _latest(attestations: Iterable[Attestation], now: datetime, days: int) -> list[Attestation]:
    """Those that expire soon, or did lately, and were not said again since."""
    newest: dict[tuple[str, str], Attestation] = {}
    for said in attestations:
        before = newest.get((said.duty, said.scope))
        if before is None or said.expires > before.expires:
            newest[said.duty, said.scope] = said
    span = timedelta(days=days)
    near = [a for a in newest.values() if now - span <= a.expires <= now + span]
    return sorted(near, key=lambda a: (a.expires, a.duty))


def exercises(due: Iterable[Due], overdue: Iterable[Overdue], to: Audience) -> list[Notice]:
    """A notice to each team of the exercises that are due and the improvements past their day."""
    found: dict[str, dict[str, list[Item]]] = {}
    for one in sorted(due, key=lambda d: (d.due or date.min, d.name)):
        when = f"due {one.due}" if one.due else "never exercised"
        item = Item(one.name, f"{when}: {one.why}")
        found.setdefault(one.owner or NOBODY, {}).setdefault("Exercises due", []).append(item)
    for late in sorted(overdue, key=lambda o: (o.due, o.id)):
        lists = found.setdefault(late.owner or NOBODY, {})
        lists.setdefault("Improvements overdue", []).append(
            Item(late.id, f"since {late.due}: {late.title}")
        )
    return [
        _notice("exercises", owner, "Exercises and improvements", lists, to.link("exercises"))
        for owner, lists in sorted(found.items())
    ]


def overdue(database: Database, today: date) -> list[Overdue]:
    """The improvement items whose day is past and that nothing verified."""
    from sharedline.exercise.improve.store import items

    return [Overdue(i.id, i.title, i.owner, i.due) for i in items(database) if i.overdue(today)]


def _notice(
    kind: str, owner: str, what: str, lists: Mapping[str, Sequence[Item]], link: str
) -> Notice:
    """Its key follows from what it says, so that it is told again only when that changes."""
    sections = tuple(
        Section(title, len(items), tuple(items[: 2 * NAMED])) for title, items in lists.items()
    )
    words = "\n".join(f"{t}\n{i.plain()}" for t, items in lists.items() for i in items)
    digest = hashlib.sha256(words.encode()).hexdigest()[:16]
    counts = ", ".join(f"{len(items)} {title.lower()}" for title, items in lists.items())
    whose = "nobody's" if owner == NOBODY else owner
    return Notice(
        kind=kind,
        key=f"{kind}:{digest}:{owner}",
        subject=f"Sharedline: {what} ({whose}): {counts}",
        sections=sections,
        team="" if owner == NOBODY else owner,
        link=link,
    )
