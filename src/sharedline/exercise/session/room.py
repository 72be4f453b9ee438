"""The room of a run: what holds now, what came since, and the one way to do something."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sharedline.errors import Error
from sharedline.exercise.session import store
from sharedline.exercise.session.acts import checked
from sharedline.exercise.session.fold import Folding, fold
from sharedline.exercise.session.line import Line, Wish
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
        self.line = Line()
        self.by_key: dict[str, Event] = {}

    def catch_up(self, connection: sa.Connection) -> None:
        """Reads what came since, from this process or another."""
        for event in store.read(connection, self.folding.run, self.folding.seq):
            self.folding.apply(event)
            self.events.append(event)
            self.by_key[event.key] = event


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
        return self._live.line.through(Wish(actor, kind, clean, text, key), self._write)

    def _write(self, wishes: Sequence[Wish]) -> None:
        """Does acts in their order, in one transaction; each is told what came of it after that."""
        live = self._live
        with self.database.begin() as connection:
            store.lock(connection, self.run_id)
            with live.reading:
                live.catch_up(connection)
                batch = _Batch(live.folding.copy(), live.by_key)
            told = [batch.tried(wish, self._clock()) for wish in wishes]
            if batch.done:
                store.extend(connection, self.run_id, list(batch.done.values()))
            if status := [_STATUS[e.kind] for e in batch.done.values() if e.kind in _STATUS]:
                connection.execute(
                    RUN.update().where(RUN.c.id == self.run_id).values(status=status[-1])
                )
        # The rows are read by the next `catch_up`: what is not committed is in no cache.
        for wish, said in zip(wishes, told, strict=True):
            if isinstance(said, Error):
                wish.error = said
            else:
                wish.seq = said


class _Batch:
    """Acts of one transaction: each is checked against what the ones before it made."""

    def __init__(self, folding: Folding, known: Mapping[str, Event]) -> None:
        self.folding, self.known = folding, known
        self.done: dict[str, Event] = {}

    def tried(self, wish: Wish, at: datetime) -> int | Error:
        """The number of an act, or why it cannot be done."""
        try:
            return self._repeated(wish) or self._act(wish, at)
        except Error as error:
            return error

    def _repeated(self, wish: Wish) -> int | None:
        """The number of what was done under the key; `Error` where that was something else."""
        found = self.done.get(wish.key) or self.known.get(wish.key)
        if found is None:
            return None
        text = json.dumps(found.data, ensure_ascii=False, sort_keys=True)
        if (found.kind, found.who, text) != (wish.kind, wish.actor, wish.text):
            raise Error("Something else was done under the same key.", "Reload and do it again.")
        return found.seq

    def _act(self, wish: Wish, at: datetime) -> int:
        state = self.folding.state(at)
        who = state.participants.get(wish.actor)
        if who is None:
            raise Error("You are not in this room.", "Join it by its link and code.")
        refuse(state, who, wish.kind, wish.data)
        if state.seq >= MOST_EVENTS:
            raise Error(f"{MOST_EVENTS:,} things were done in this room.", "Open another run.")
        # `as_of` is never before the last event.
        event = Event(
            state.seq + 1, state.as_of, wish.kind, wish.actor, json.loads(wish.text), wish.key
        )
        self.folding.apply(event)
        self.done[wish.key] = event
        return event.seq
