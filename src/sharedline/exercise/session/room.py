"""The room of a run: what holds now, what came since, and the one way to do something."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sharedline.errors import Error
from sharedline.exercise.session import store
from sharedline.exercise.session.acts import checked
from sharedline.exercise.session.fold import Folding, fold
from sharedline.exercise.session.model import ClockStatus, Event, Participant, RunState
from sharedline.exercise.session.sense import refuse
from sharedline.state.database import Database
from sharedline.state.tables import EXERCISE_EVENT as EVENT
from sharedline.state.tables import EXERCISE_RUN as RUN

#: Events of one run, characters of one event, runs that a process keeps folded.
MOST_EVENTS, MOST_DATA, KEPT = 20_000, 100_000, 32
_STATUS: Mapping[str, ClockStatus] = {
    "started": "running", "paused": "paused", "resumed": "running", "ended": "ended",
}  # fmt: skip


class _Live:
    """A run as far as this process has read it; only what was committed is in it."""

    def __init__(self, database: Database, run_id: str) -> None:
        self.scenario, self.settings = store.script(database, run_id)
        self.folding = Folding(self.scenario, self.settings, run_id)
        self.events: list[Event] = []
        #: Held while this is brought up to date. Whoever takes it has a connection already, and
        #: whoever writes has the run's lock: nobody waits for one of those while holding it.
        self.reading = threading.Lock()
        #: SQLite's writers wait by polling, which is neither fast nor fair; here they queue.
        self.writing = threading.Lock()

    def catch_up(self, connection: sa.Connection) -> None:
        """Reads what came since, from this process or another."""
        for event in store.read(connection, self.folding.run, self.folding.seq):
            self.folding.apply(event)
            self.events.append(event)


_live: OrderedDict[tuple[str, str], _Live] = OrderedDict()
_guard = threading.Lock()


def _of(database: Database, run_id: str) -> _Live:
    place = (database.url, run_id)
    with _guard:
        if place in _live:
            _live.move_to_end(place)
            return _live[place]
    made = _Live(database, run_id)
    with _guard:
        kept = _live.setdefault(place, made)
        while len(_live) > KEPT:
            _live.popitem(last=False)
    return kept


class Room:
    """A run that people act in; cheap to make, so that each request makes its own."""

    def __init__(
        self, database: Database, run_id: str, clock: Callable[[], datetime] = store.now
    ) -> None:
        """`Error` where there is no such run; `clock` tells the time."""
        self.database, self.run_id, self._clock = database, run_id, clock
        self._live = _of(database, run_id)

    def state(self, as_of: datetime | None = None) -> RunState:
        """What holds now, or held at a moment before."""
        live = self._live
        with self.database.read() as connection, live.reading:
            live.catch_up(connection)
            if as_of is None:
                return live.folding.state(self._clock())
            events = list(live.events)
        return fold(live.scenario, live.settings, events, as_of, self.run_id)

    def after(self, seq: int) -> list[Event]:
        """The events after a number: raw, for exports and the facilitator, never for players."""
        live = self._live
        with self.database.read() as connection, live.reading:
            live.catch_up(connection)
            return live.events[max(0, seq) :]  # event 1 stands at 0

    def seq(self) -> int:
        """The number of the last event: whether anything happened since."""
        with self.database.read() as connection:
            query = sa.select(sa.func.max(EVENT.c.seq)).where(EVENT.c.run_id == self.run_id)
            return int(connection.execute(query).scalar() or 0)

    def participant(self, participant_id: str) -> Participant:
        """Somebody in the room; `Error` where nobody has that id."""
        found = self.state().participants.get(participant_id)
        if found is None:
            raise Error("You are not in this room.", "Join it by its link and code.")
        return found

    def do(self, actor: str, kind: str, data: Mapping[str, Any], key: str) -> int:
        """Does something as a participant (by id); gives its number once it is on the disk.

        The same `key` again (1 to 80 characters, made by whoever sends) gives the first number
        and does nothing more. `Error` says why it cannot be done: unknown kind, not the seat's,
        ill-shaped, not now, too much, or another act under the same key.
        """
        clean = checked(kind, data)
        text = json.dumps(clean, ensure_ascii=False, sort_keys=True)
        if not isinstance(key, str) or not 1 <= len(key) <= 80 or not key.isprintable():
            raise Error("The act has no key of 1 to 80 characters.", "Reload the page.")
        if len(text) > MOST_DATA:
            raise Error(f"This has {len(text):,} characters.", f"Write {MOST_DATA:,} at most.")
        with self._live.writing, self.database.begin() as connection:
            store.lock(connection, self.run_id)
            done = self._done(connection, actor, kind, text, key)
            return done or self._act(connection, actor, kind, clean, key)

    def _done(
        self, connection: sa.Connection, actor: str, kind: str, text: str, key: str
    ) -> int | None:
        """The number of what was done under the key; `Error` where that was something else."""
        c = EVENT.c
        found = connection.execute(
            sa.select(c.seq, c.kind, c.who, c.data).where(c.run_id == self.run_id, c.key == key)
        ).first()
        if found is None:
            return None
        if (found.kind, found.who, found.data) != (kind, actor, text):
            raise Error("Something else was done under the same key.", "Reload and do it again.")
        return int(found.seq)

    def _act(
        self,
        connection: sa.Connection,
        actor: str,
        kind: str,
        data: Mapping[str, Any],
        key: str,
    ) -> int:
        live, at = self._live, self._clock()
        with live.reading:
            live.catch_up(connection)
            state = live.folding.state(at)
        who = state.participants.get(actor)
        if who is None:
            raise Error("You are not in this room.", "Join it by its link and code.")
        refuse(state, who, kind, data)
        if state.seq >= MOST_EVENTS:
            raise Error(f"{MOST_EVENTS:,} things were done in this room.", "Open another run.")
        if kind in _STATUS:
            connection.execute(
                RUN.update().where(RUN.c.id == self.run_id).values(status=_STATUS[kind])
            )
        # The row is read by the next `catch_up`, after the commit: what is undone is in no cache.
        return store.append(connection, self.run_id, at, kind, actor, key, data)
