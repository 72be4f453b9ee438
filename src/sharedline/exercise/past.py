"""Runs that were made: found by id, folded to what holds now, those that have ended."""

from __future__ import annotations

from collections.abc import Iterator

from sharedline.errors import Error
from sharedline.exercise.session import store
from sharedline.exercise.session.model import RunState
from sharedline.exercise.session.room import Room
from sharedline.state.database import Database


def find(database: Database, name: str) -> RunState:
    """A run by its id or the beginning of it, as it stands now; `Error` where none or several."""
    known = [one.run for one in store.runs(database)]
    found = [r for r in known if name and r.id.startswith(name)]
    if len(found) != 1:
        listed = ", ".join(f"{r.id} ({r.title})" for r in (found or known)[:5]) or "none yet"
        what = "Several runs begin" if found else "No run begins"
        raise Error(f"{what} with {name[:40]!r}.", f"Runs: {listed}.")
    return Room(database, found[0].id).state()


def ended(database: Database) -> Iterator[RunState]:
    """Every run that was played and has ended, oldest first by its end.

    One that nobody sat in, or that never started, exercised nothing.
    """
    ids = [one.run.id for one in store.runs(database) if one.run.status == "ended"]
    states = [Room(database, one).state() for one in ids]
    yield from sorted(
        (s for s in states if s.started_at and s.ended_at and s.players()),
        key=lambda s: (s.ended_at or s.as_of, s.run),
    )
