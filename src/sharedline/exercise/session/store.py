"""Runs in the database: opened, joined by link and code, listed; events appended one by one."""

from __future__ import annotations

import hashlib
import json
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, get_args

import sqlalchemy as sa

from sharedline.errors import Error
from sharedline.exercise.coherent import ACTOR
from sharedline.exercise.model import Scenario
from sharedline.exercise.read import of_data, plain
from sharedline.exercise.session.acts import plain_text
from sharedline.exercise.session.model import (
    WEIGHTS,
    ClockStatus,
    Event,
    Pace,
    Participant,
    Settings,
)
from sharedline.state.database import Database
from sharedline.state.tables import EXERCISE_EVENT as EVENT
from sharedline.state.tables import EXERCISE_PARTICIPANT as PARTICIPANT
from sharedline.state.tables import EXERCISE_RUN as RUN

#: Letters and digits that nobody confuses when a code is read out; nine of them are 44.6 bits.
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
NAME, TEAMS = 60, 20


@dataclass(frozen=True, slots=True)
class Run:
    """One exercise that was opened; `code` is read out to those who join."""

    id: str
    scenario_id: str
    title: str
    code: str
    created_by: str
    created: datetime
    #: `waiting`, `running`, `paused` or `ended`.
    status: ClockStatus


@dataclass(frozen=True, slots=True)
class Listed:
    """A run with how many took part and answered."""

    run: Run
    participants: int
    answers: int


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def settings_of(data: Mapping[str, Any]) -> Settings:
    """Settings from plain data; what is left out is as usual. `Error` names the first fault."""
    for key in data:
        if key not in ("weights", "teams", "pace", "speed"):
            raise Error(f"{key!r} is no setting of a run.", "Allowed: weights, teams, pace, speed.")
    weights = {**WEIGHTS, **data.get("weights", {})}
    whole = all(type(w) is int and 0 <= w <= 1_000 for w in weights.values())
    if set(weights) != set(WEIGHTS) or not whole or not sum(weights.values()):
        raise Error(
            "The weights are whole numbers from 0 to 1000, not all of them 0.",
            f"Allowed: {', '.join(WEIGHTS)}.",
        )
    teams = tuple(team_name(t) for t in data.get("teams", ())) or Settings().teams
    if len({t.casefold() for t in teams}) < len(teams) or len(teams) > TEAMS:
        raise Error("Teams have different names.", f"Name {TEAMS} at most, each once.")
    pace, speed = data.get("pace", "hand"), data.get("speed", 1.0)
    if pace not in get_args(Pace):
        raise Error(f"{pace!r} is no pace.", "Allowed: clock, hand.")
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0.1 <= speed <= 60:
        raise Error("The speed is a number from 0.1 to 60.", "1 is as fast as the wall's clock.")
    return Settings(weights, teams, pace, float(speed))


def team_name(given: Any) -> str:
    """A team's name as it is kept."""
    return person_name(given, "A team's name")


def person_name(given: Any, what: str = "The name") -> str:
    """A name as it is kept: composed, single blanks, nothing that cannot be seen."""
    name = " ".join(unicodedata.normalize("NFC", plain_text(given, what, most=1_000)).split())
    if not name or len(name) > NAME:
        raise Error(f"{what} has {len(name)} characters.", f"Give 1 to {NAME}.")
    if not name.isprintable():
        raise Error(f"{what} holds characters that nobody sees.", "Use letters and blanks.")
    return name


def played(scenario: Scenario) -> Scenario:
    """A scenario of the library with its cast's example names where braces stand."""
    if scenario.made is not None:
        return scenario  # names are in it already, and may hold braces of their own
    words = {a.id: a.example for a in scenario.cast}

    def said(value: Any) -> Any:
        if isinstance(value, str):
            return ACTOR.sub(lambda m: words.get(m[1], m[0]), value)
        if isinstance(value, list):
            return [said(one) for one in value]
        return {k: said(v) for k, v in value.items()} if isinstance(value, dict) else value

    return of_data(said(plain(scenario)), scenario.id)


def create(
    database: Database, scenario: Scenario, settings: Settings, by: str, at: datetime | None = None
) -> Run:
    """Opens a run of a scenario, as it is now; later changes of its file do not reach it."""
    code = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(3)) for _ in range(3))
    made = Run(
        secrets.token_hex(8), scenario.id, scenario.title, code, by[:200], at or now(), "waiting"
    )
    with database.begin() as connection:
        connection.execute(
            RUN.insert().values(
                **asdict(made),
                scenario=_json(plain(played(scenario))),
                settings=_json(asdict(settings)),
            )
        )
        append(connection, made.id, made.created, "opened", "", "opened", {"by": by[:200]})
    return made


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


_RUN = [RUN.c[name] for name in Run.__dataclass_fields__]


def run_of(database: Database, run_id: str) -> Run:
    """A run by id; `Error` where there is none."""
    with database.read() as connection:
        found = connection.execute(sa.select(*_RUN).where(RUN.c.id == run_id)).first()
    if found is None:
        raise Error(f"There is no run {run_id[:40]!r}.", "See `sharedline exercise runs`.")
    return Run(**found._asdict())


def script(database: Database, run_id: str) -> tuple[Scenario, Settings]:
    """The scenario and the settings that a run was opened with."""
    with database.read() as connection:
        found = connection.execute(
            sa.select(RUN.c.scenario, RUN.c.settings).where(RUN.c.id == run_id)
        ).first()
    if found is None:
        raise Error(f"There is no run {run_id[:40]!r}.", "See `sharedline exercise runs`.")
    return _scenario(found.scenario), settings_of(json.loads(found.settings))


@lru_cache(maxsize=64)
def _scenario(text: str) -> Scenario:
    return of_data(json.loads(text), "the run's scenario")


def runs(database: Database) -> list[Listed]:
    """Every run, the newest first."""
    people = sa.select(sa.func.count()).where(PARTICIPANT.c.run_id == RUN.c.id).scalar_subquery()
    answers = (
        sa.select(sa.func.count())
        .where(EVENT.c.run_id == RUN.c.id, EVENT.c.kind == "answered")
        .scalar_subquery()
    )
    query = sa.select(*_RUN, people.label("people"), answers.label("answers"))
    with database.read() as connection:
        rows = connection.execute(query.order_by(RUN.c.created.desc(), RUN.c.id)).all()
    return [Listed(Run(*row[: len(_RUN)]), row.people, row.answers) for row in rows]


def lock(connection: sa.Connection, run_id: str) -> None:
    """Keeps others from writing to the run until the transaction ends; `Error` if there is none."""
    # Of SQLite the whole database is locked by now (`begin immediate`), and this only looks.
    query = sa.select(RUN.c.id).where(RUN.c.id == run_id).with_for_update()
    if connection.execute(query).first() is None:
        raise Error(f"There is no run {run_id[:40]!r}.", "See `sharedline exercise runs`.")


def append(
    connection: sa.Connection,
    run_id: str,
    at: datetime,
    kind: str,
    who: str,
    key: str,
    data: Mapping[str, Any],
) -> int:
    """Adds an event after the last one, not earlier than it; the run must be locked."""
    last = connection.execute(
        sa.select(sa.func.max(EVENT.c.seq), sa.func.max(EVENT.c.at)).where(EVENT.c.run_id == run_id)
    ).one()
    seq = (last[0] or 0) + 1
    connection.execute(
        EVENT.insert().values(
            run_id=run_id, seq=seq, at=max(at, last[1] or at), kind=kind, who=who, key=key,
            data=_json(data),
        )
    )  # fmt: skip
    return seq


def extend(connection: sa.Connection, run_id: str, events: Sequence[Event]) -> None:
    """Adds events that are numbered on from the last one; the run must be locked."""
    connection.execute(
        EVENT.insert(),
        [
            {
                "run_id": run_id, "seq": e.seq, "at": e.at, "kind": e.kind, "who": e.who,
                "key": e.key, "data": _json(e.data),
            }
            for e in events
        ],
    )  # fmt: skip


def read(connection: sa.Connection, run_id: str, after: int = 0) -> list[Event]:
    """The events after a number, in order."""
    c = EVENT.c
    found = connection.execute(
        sa.select(c.seq, c.at, c.kind, c.who, c.data, c.key)
        .where(c.run_id == run_id, c.seq > after)
        .order_by(c.seq)
    )
    return [Event(r.seq, r.at, r.kind, r.who, json.loads(r.data), r.key) for r in found]


def participant(row: Any) -> Participant:
    """A participant's row as the model has it."""
    return Participant(row.id, row.name, row.seat, row.team, row.joined)
