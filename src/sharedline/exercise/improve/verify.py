"""Closes and reopens improvement items: a scan's finding or an attestation does, nobody by hand."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import sqlalchemy as sa

from sharedline.duties.matrix import scope_matches
from sharedline.exercise.after.kinds import owned
from sharedline.exercise.improve.model import Improvement
from sharedline.exercise.improve.propose import standing
from sharedline.exercise.improve.store import any_there, read, step
from sharedline.model import Attestation
from sharedline.project import Project
from sharedline.results import Results
from sharedline.state import State
from sharedline.state.database import Database
from sharedline.state.tables import EXERCISE_RUN as RUN
from sharedline.state.tables import IMPROVEMENT as ITEM
from sharedline.text import iso


@dataclass(frozen=True, slots=True)
class Change:
    """An item that was closed or opened again, and by what."""

    id: str
    title: str
    kind: Literal["verified", "reopened"]
    scan: str
    note: str


def after_scan(project: Project, results: Results | None = None) -> list[Change]:
    """What a scan (or, without one, what was attested meanwhile) changes; cheap for no items."""
    with contextlib.closing(State(project.database_url)) as state:
        if not any_there(state.database):
            return []
        return verify(state.database, results, state.attestations())


def verify(
    database: Database,
    results: Results | None = None,
    attestations: Iterable[Attestation] = (),
    now: datetime | None = None,
) -> list[Change]:
    """Closes items that a scan or an attestation shows to be done, reopens those unmet again.

    That nobody owned something is done where the owner register of the scan names somebody.

    A scan counts that is of a moment after the item was made, and no older than the one that
    changed the item last. Unknown, waived or not found in the scan changes nothing. An attestation
    counts that was made after the item, covers it and stands at `now`; its end reopens nothing,
    since what was to be done once was done.
    """
    at, given = now or datetime.now(UTC), tuple(attestations)
    changes = []
    with database.begin() as connection:
        # Two scans that end at once must not both close an item: the rows are held.
        connection.execute(sa.select(ITEM.c.id).order_by(ITEM.c.id).with_for_update())
        for one in read(connection):
            found = _scanned(connection, one, results) if one.check else None
            if found is None and (not one.check or owned(one.check)):
                found = _attested(one, given, at)
            if found is None:
                continue
            step(connection, one.id, at, found.kind, "Sharedline", scan=found.scan, note=found.note)
            changes.append(found)
    return changes


def _scanned(connection: sa.Connection, one: Improvement, results: Results | None) -> Change | None:
    if results is None or results.manifest.as_of <= one.created:
        return None
    scan = results.manifest.id
    if any(s.scan > scan for s in one.steps):  # ids sort by time: an older scan tells nothing new
        return None
    status = standing(results, one.check, one.resource, one.account)
    asked, where = owned(one.check), one.resource or "every resource"
    thing = f"{asked[1]} on {one.resource or asked[0]}" if asked else ""
    if status == "met" and not one.closed and _reaches(connection, one, results):
        note = (
            f"the register names an owner of {thing}" if asked else f"{one.check} is met on {where}"
        )
        return Change(one.id, one.title, "verified", scan, note)
    # Where a person's word closed it, the register says nothing new.
    by_scan = one.last is not None and bool(one.last.scan)
    if status == "unmet" and one.closed and (by_scan or not asked):
        note = f"nobody owns {thing} again" if asked else f"{one.check} is unmet again on {where}"
        return Change(one.id, one.title, "reopened", scan, note)
    return None


def _reaches(connection: sa.Connection, one: Improvement, results: Results) -> bool:
    """Whether a scan looked wherever an item may be: all accounts and Regions of the story's scan.

    Asked only of an item without a resource (the scenario was masked): of any other, its finding
    is there or not.
    """
    if one.resource:
        return True
    text = connection.execute(sa.select(RUN.c.scenario).where(RUN.c.id == one.run)).scalar()
    made = json.loads(text or "{}").get("made") or {}
    first = results.lake.manifest(made["scan"]) if made.get("scan") else None
    return (
        first is not None
        and set(first.accounts) <= set(results.manifest.accounts)
        and set(first.regions) <= set(results.manifest.regions)
        # A service of which fewer kinds of resources were read looks better owned than it is.
        and (
            not owned(one.check)
            or set(first.data["tables"]) <= set(results.manifest.data["tables"])
        )
    )


def _attested(one: Improvement, given: Iterable[Attestation], at: datetime) -> Change | None:
    if one.closed:
        return None
    for a in given:
        covers = one.id in f"{a.statement} {a.evidence}" or scope_matches(
            a.scope, service="", account=one.account, resource=one.resource
        )
        stands = one.created < a.at <= at < a.expires
        if a.scope and a.duty == one.duty and stands and covers:
            note = f"attested on {iso(a.at)}: {a.statement}"
            return Change(one.id, one.title, "verified", "", note)
    return None
