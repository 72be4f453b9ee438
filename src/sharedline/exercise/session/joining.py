"""Who comes into a room: by its link and code, under a name of their own, with a secret token."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

import sqlalchemy as sa

from sharedline.errors import Error
from sharedline.exercise.session.model import SEATS, Participant, Seat, Settings
from sharedline.exercise.session.store import (
    append,
    digest,
    lock,
    now,
    participant,
    person_name,
    run_of,
    script,
)
from sharedline.state.database import Database
from sharedline.state.tables import EXERCISE_PARTICIPANT as PARTICIPANT
from sharedline.state.tables import EXERCISE_RUN as RUN

#: More than anybody seats, few enough that nobody fills the disk.
MOST = 200


def join(
    database: Database,
    run_id: str,
    code: str,
    name: str,
    seat: Seat,
    team: str = "",
    *,
    facilitate: bool = False,
    person_id: int | None = None,
    at: datetime | None = None,
) -> tuple[Participant, str]:
    """Takes a seat; gives the participant and the token, which is told this once.

    `facilitate` says that whoever joins may lead: who opened the run, or whose account may.
    A player names a team of the run, unless there is one only. `Error` says what is wrong.
    """
    run = run_of(database, run_id)
    given = "".join(c for c in code.upper() if c.isalnum())
    if not hmac.compare_digest(given.encode(), run.code.replace("-", "").encode()):
        raise Error("The code is not that of this exercise.", "Ask the facilitator for it.")
    if seat not in SEATS:
        raise Error(f"There is no seat {str(seat)[:40]!r}.", f"Seats: {', '.join(SEATS)}.")
    if seat == "facilitator" and not facilitate:
        raise Error("You cannot take the facilitator's seat.", "Take another one.")
    name, team = person_name(name), _team(script(database, run_id)[1], seat, team)
    token, made = secrets.token_urlsafe(32), secrets.token_hex(8)
    with database.begin() as connection:
        lock(connection, run_id)
        _refuse(connection, run_id, name)
        when = at or now()
        connection.execute(
            PARTICIPANT.insert().values(
                id=made, run_id=run_id, name=name, seat=seat, team=team, digest=digest(token),
                joined=when, person_id=person_id,
            )
        )  # fmt: skip
        data = {"name": name, "seat": seat, "team": team}
        append(connection, run_id, when, "joined", made, f"joined:{made}", data)
    return Participant(made, name, seat, team, when), token


def _team(settings: Settings, seat: Seat, team: str) -> str:
    if seat != "player":
        return ""
    if not team and len(settings.teams) == 1:
        return settings.teams[0]
    if team not in settings.teams:
        raise Error(f"There is no team {team[:60]!r}.", f"Teams: {', '.join(settings.teams)}.")
    return team


def _refuse(connection: sa.Connection, run_id: str, name: str) -> None:
    c = PARTICIPANT.c
    names = [n for (n,) in connection.execute(sa.select(c.name).where(c.run_id == run_id))]
    if len(names) >= MOST:
        raise Error(f"{MOST} people are in the room already.", "Open another run.")
    if name.casefold() in {n.casefold() for n in names}:
        raise Error(f"Somebody is called {name!r} already.", "Take another name.")
    status = connection.execute(sa.select(RUN.c.status).where(RUN.c.id == run_id)).scalar()
    if status == "ended":
        raise Error("The exercise has ended.", "Ask the facilitator for what came of it.")


def sitting(database: Database, token: str) -> tuple[str, Participant] | None:
    """The run and the participant whose token it is."""
    found = _rows(database, PARTICIPANT.c.digest == digest(token))
    return (found[0].run_id, participant(found[0])) if found else None


def seat_of(database: Database, run_id: str, person_id: int) -> Participant | None:
    """Where somebody with an account sits in a run, the seat that they took last."""
    c = PARTICIPANT.c
    found = _rows(database, (c.run_id == run_id) & (c.person_id == person_id))
    return participant(found[-1]) if found else None


def plays(database: Database, person_id: int, *, run: str = "", scenario: str = "") -> bool:
    """Whether somebody with an account is a player of what has not ended: that run, or scenario."""
    c = PARTICIPANT.c
    query = (
        sa.select(c.id)
        .join(RUN, RUN.c.id == c.run_id)
        .where(c.person_id == person_id, c.seat == "player", RUN.c.status != "ended")
        .where((RUN.c.id == run) | (RUN.c.scenario_id == scenario))
    )
    with database.read() as connection:
        return connection.execute(query.limit(1)).first() is not None


def again(database: Database, run_id: str, participant_id: str) -> str:
    """A new token for somebody who lost theirs; the old one is worth nothing from now on."""
    token, c = secrets.token_urlsafe(32), PARTICIPANT.c
    with database.begin() as connection:
        done = connection.execute(
            PARTICIPANT.update()
            .where(c.run_id == run_id, c.id == participant_id)
            .values(digest=digest(token))
        )
    if done.rowcount != 1:
        raise Error("Nobody of that id is in the room.", "Reload the page.")
    return token


def _rows(database: Database, where: sa.ColumnElement[bool]) -> list[sa.Row[tuple[object, ...]]]:
    with database.read() as connection:
        query = sa.select(PARTICIPANT).where(where)
        return list(connection.execute(query.order_by(PARTICIPANT.c.joined, PARTICIPANT.c.id)))
