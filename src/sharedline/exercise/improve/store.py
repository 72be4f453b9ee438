"""Improvement items in the database: read, added, claimed, changed; nobody closes one by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime

import sqlalchemy as sa

from sharedline.errors import Error
from sharedline.exercise.improve.model import Improvement, Kind, Step
from sharedline.state.database import Database
from sharedline.state.tables import IMPROVEMENT as ITEM
from sharedline.state.tables import IMPROVEMENT_EVENT as STEP
from sharedline.text import iso


def any_there(database: Database) -> bool:
    """Whether there is any item at all; one cheap look."""
    with database.read() as connection:
        return connection.execute(sa.select(ITEM.c.id).limit(1)).first() is not None


def items(database: Database, run: str = "") -> list[Improvement]:
    """Every item (of a run), the first due first."""
    with database.read() as connection:
        return read(connection, run)


def read(connection: sa.Connection, run: str = "", name: str = "") -> list[Improvement]:
    """The items of an open connection."""
    query, steps = sa.select(ITEM), sa.select(STEP).order_by(STEP.c.id)
    if run:
        query = query.where(ITEM.c.run_id == run)
    if name:
        query = query.where(ITEM.c.id == name)
        steps = steps.where(STEP.c.improvement_id == name)
    done: dict[str, list[Step]] = defaultdict(list)
    for s in connection.execute(steps):
        done[s.improvement_id].append(Step(s.at, s.kind, s.by_whom, s.scan, s.note))
    return [
        Improvement(
            r.id, r.run_id, r.title, r.cause, r.recommendation, r.owner, r.element, r.due, r.duty,
            r.check_id, r.resource, r.account_id, r.created, tuple(done[r.id]),
        )
        for r in connection.execute(query.order_by(ITEM.c.due, ITEM.c.id))
    ]  # fmt: skip


def add(database: Database, found: Iterable[Improvement], by: str) -> list[Improvement]:
    """Adds the items that are not there yet, by id; gives those added."""
    with database.begin() as connection:
        known = set(connection.execute(sa.select(ITEM.c.id)).scalars())
        new = [one for one in found if one.id not in known]
        for one in new:
            connection.execute(
                ITEM.insert().values(
                    id=one.id, run_id=one.run, title=one.title[:300], cause=one.cause,
                    recommendation=one.recommendation, owner=one.owner[:200], element=one.element,
                    due=one.due, duty=one.duty, check_id=one.check, resource=one.resource,
                    account_id=one.account, created=one.created,
                )
            )  # fmt: skip
            step(connection, one.id, one.created, "proposed", by)
        return new


def step(
    connection: sa.Connection,
    name: str,
    at: datetime,
    kind: Kind,
    by: str,
    *,
    scan: str = "",
    note: str = "",
) -> None:
    """Writes down what was done to an item."""
    connection.execute(
        STEP.insert().values(
            improvement_id=name, at=at, kind=kind, by_whom=by[:200], scan=scan, note=note
        )
    )


def claim(
    database: Database, name: str, by: str, note: str = "", at: datetime | None = None
) -> Improvement:
    """Somebody says that it is done; it stays open until a scan or an attestation verifies it."""
    with database.begin() as connection:
        one = _one(connection, name, by)
        if one.closed:
            when = iso(one.last.at) if one.last else ""
            raise Error(f"{one.id} was verified on {when}.", "There is nothing to claim.")
        step(connection, one.id, at or datetime.now(UTC), "claimed", by, note=note)
        return read(connection, name=one.id)[0]


def change(
    database: Database,
    name: str,
    by: str,
    *,
    owner: str = "",
    due: date | None = None,
    at: datetime | None = None,
) -> Improvement:
    """Gives an item another owner or date, and says so in its history; never another status."""
    if not owner and due is None:
        raise Error("Nothing is changed.", "Give an owner, a date, or both.")
    with database.begin() as connection:
        one = _one(connection, name, by)
        values = {"owner": (owner or one.owner)[:200], "due": due or one.due}
        connection.execute(ITEM.update().where(ITEM.c.id == one.id).values(**values))
        note = f"owner {one.owner} to {values['owner']}, due {one.due} to {values['due']}"
        step(connection, one.id, at or datetime.now(UTC), "changed", by, note=note)
        return read(connection, name=one.id)[0]


def _one(connection: sa.Connection, name: str, by: str) -> Improvement:
    """The item, its row locked until the transaction ends."""
    if not by.strip():
        raise Error("Who says so?", "Give a name with --by.")
    connection.execute(sa.select(ITEM.c.id).where(ITEM.c.id == name).with_for_update())
    found = read(connection, name=name)
    if not found:
        raise Error(
            f"There is no improvement {name[:60]!r}.", "See `sharedline exercise improvements`."
        )
    return found[0]
