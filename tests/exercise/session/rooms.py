"""A run to act in: a scenario whose secrets can be recognised, and somebody in every seat."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sharedline.exercise.model import Scenario
from sharedline.exercise.read import of_data
from sharedline.exercise.session import joining, store
from sharedline.exercise.session.model import SEATS, Participant, Seat
from sharedline.exercise.session.room import Room
from sharedline.state.database import Database

START = datetime(2026, 11, 22, 9, tzinfo=UTC)


def inject(name: str, minute: int, **more: Any) -> dict[str, Any]:
    return {
        "id": name, "minute": minute, "phase": "p", "from": "A", "to": "B", "channel": "email",
        "title": f"Title of {name}", "text": f"Text of {name}", "duty": "data.exposure",
        "service": "s3", "notes": f"SECRET note of {name}", **more,
    }  # fmt: skip


def questions(name: str) -> list[dict[str, Any]]:
    return [
        {"id": "side", "kind": "side", "text": "Whose side?",
         "truth": {"answers": ["customer"], "why": f"SECRET why of {name}", "source": "SECRET"}},
        {"id": "owner", "kind": "owner", "text": "Whose?",
         "truth": {"answers": ["SECRET owner"], "why": "SECRET"}},
        {"id": "free", "kind": "free", "text": "What now?"},
    ]  # fmt: skip


DATA: dict[str, Any] = {
    "id": "drill", "title": "Drill", "summary": "SECRET story", "minutes": 30,
    "objectives": [{"id": "o", "text": "GOAL", "measure": "m", "achievable": "a", "relevant": "r",
                    "by": 20, "duties": ["data.exposure"]}],
    "phases": [{"id": "p", "title": "P", "start": 0}],
    "injects": [
        inject("first", 0, questions=questions("first"),
               artefact={"name": "n", "kind": "log", "text": "a log"},
               provenance=[{"source": "finding", "ref": "SECRET ref", "line": "SECRET line"}]),
        inject("second", 10, questions=questions("second")),
        inject("third", 20),
    ],
    "decisions": [
        {"id": f"d-{name}", "inject": name, "text": "t", "minutes": 4, "options": [
            {"id": f"{x}-{name}", "text": f"Option {x}", "quality": q,
             "consequence": f"CONSEQUENCE of {x}-{name}"}
            for x, q in (("a", "best"), ("b", "good"), ("c", "harmful"))]}
        for name in ("first", "second")
    ],
    "expected": [{"id": "e", "inject": "first", "by": 9, "who": "w", "text": "EXPECTED",
                  "duty": "response.procedures"}],
}  # fmt: skip


def scenario() -> Scenario:
    return of_data(DATA, "drill")


@dataclass
class Time:
    """A clock that goes on when told."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def on(self, minutes: float) -> None:
        self.at += timedelta(minutes=minutes)


@dataclass
class Staged:
    """A run with somebody in every seat: `do(seat, kind, …)`."""

    database: Database
    run: store.Run
    time: Time
    who: dict[str, Participant] = field(default_factory=dict)

    @property
    def room(self) -> Room:
        return Room(self.database, self.run.id, self.time)

    def do(self, seat: str, kind: str, key: str = "", **data: Any) -> int:
        return self.room.do(self.who[seat].id, kind, data, key or uuid.uuid4().hex)

    def join(self, name: str, seat: Seat, team: str = "", as_name: str = "") -> Participant:
        found, _ = joining.join(
            self.database, self.run.id, self.run.code, as_name or name, seat, team,
            facilitate=True, at=self.time.at,
        )  # fmt: skip
        self.who[name] = found
        return found


def staged(database: Database, **settings: Any) -> Staged:
    chosen = store.settings_of({"teams": ["Red", "Blue"], **settings})
    time = Time()
    made = Staged(database, store.create(database, scenario(), chosen, "ann", time.at), time)
    for seat in SEATS:
        made.join(seat, seat, "Red" if seat == "player" else "")
    made.join("rival", "player", "Blue")
    made.join("mate", "player", "Red")
    return made
