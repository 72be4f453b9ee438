"""Sessions of people who signed in: kept as a hash, ended by idleness, by age, or by the person."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from sharedline.errors import Unavailable
from sharedline.people.model import Person
from sharedline.state.database import Database
from sharedline.state.tables import WEB_SESSION

#: Without a request for so long, a session ends; and so long after it was opened in any case.
IDLE = timedelta(hours=8)
LONGEST = timedelta(days=7)
#: `seen` is written at most so often: reading a page need not write.
_STEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session as its person sees it in their list; `id` is the hash, which opens nothing."""

    id: str
    created: datetime
    seen: datetime
    expires: datetime
    agent: str


def digest(secret: str) -> str:
    """What is kept of a secret: its SHA-256. It is random, so nothing slower is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def open_session(
    connection: sa.Connection, person: Person, agent: str, now: datetime | None = None
) -> tuple[str, str]:
    """Opens one; gives what the browser holds and the token that its forms carry."""
    at = now or datetime.now(UTC)
    secret, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    connection.execute(WEB_SESSION.delete().where(_over(at)))
    connection.execute(
        WEB_SESSION.insert().values(
            id=digest(secret),
            person_id=person.id,
            csrf=csrf,
            created=at,
            seen=at,
            expires=at + LONGEST,
            agent=agent.replace("\0", "")[:300],
        )
    )
    return secret, csrf


def find(connection: sa.Connection, secret: str, now: datetime) -> tuple[Person, str] | None:
    """The active person of a session and its forms' token; None where it has ended.

    Notes the use, at most once a minute, so the connection must be one that writes.
    """
    found = _look(connection, secret, now)
    if found is None:
        return None
    if found[2]:
        _touch(connection, secret, now)
    return found[0], found[1]


def signed_in(
    database: Database, secret: str, now: datetime | None = None
) -> tuple[Person, str] | None:
    """As `find`, on a connection that only reads wherever nothing is to be noted."""
    at = now or datetime.now(UTC)
    with database.read() as connection:
        found = _look(connection, secret, at)
    if found is None:
        return None
    if found[2]:
        # A database that can be read only is no reason to send a reader away.
        with contextlib.suppress(Unavailable), database.begin() as connection:
            _touch(connection, secret, at)
    return found[0], found[1]


def _look(connection: sa.Connection, secret: str, now: datetime) -> tuple[Person, str, bool] | None:
    """The person, the forms' token, and whether the use is to be noted."""
    from sharedline.people.accounts import get  # accounts end sessions

    row = connection.execute(
        sa.select(WEB_SESSION).where(WEB_SESSION.c.id == digest(secret), ~_over(now))
    ).one_or_none()
    person = get(connection, row.person_id) if row is not None else None
    if row is None or person is None or not person.active:
        return None
    return person, row.csrf, row.seen <= now - _STEP


def _touch(connection: sa.Connection, secret: str, now: datetime) -> None:
    connection.execute(
        WEB_SESSION.update()
        .where(WEB_SESSION.c.id == digest(secret), WEB_SESSION.c.seen < now)
        .values(seen=now)
    )


def of(connection: sa.Connection, person_id: int, now: datetime) -> list[Opened]:
    """The open sessions of a person, the last used first."""
    found = connection.execute(
        sa.select(WEB_SESSION)
        .where(WEB_SESSION.c.person_id == person_id, ~_over(now))
        .order_by(WEB_SESSION.c.seen.desc(), WEB_SESSION.c.id)
    )
    return [Opened(r.id, r.created, r.seen, r.expires, r.agent) for r in found]


def close(connection: sa.Connection, secret: str) -> None:
    """Ends one, by what the browser holds."""
    connection.execute(WEB_SESSION.delete().where(WEB_SESSION.c.id == digest(secret)))


def close_one(connection: sa.Connection, person_id: int, session_id: str) -> bool:
    """Ends one of a person's own, by its hash; False where they have none such."""
    done = connection.execute(
        WEB_SESSION.delete().where(
            WEB_SESSION.c.id == session_id.replace("\0", ""), WEB_SESSION.c.person_id == person_id
        )
    )
    return done.rowcount > 0


def close_all(connection: sa.Connection, person_id: int, *, keep: str = "") -> int:
    """Ends all of a person's sessions but that of the secret `keep`; gives how many."""
    gone = WEB_SESSION.c.person_id == person_id
    if keep:
        gone &= WEB_SESSION.c.id != digest(keep)
    return connection.execute(WEB_SESSION.delete().where(gone)).rowcount


def _over(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(WEB_SESSION.c.seen <= now - IDLE, WEB_SESSION.c.expires <= now)
