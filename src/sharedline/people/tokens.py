"""API tokens: shown once, kept as a hash, for at most a year; each may what its person may now."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from sharedline.errors import Error
from sharedline.people.model import Person
from sharedline.people.sessions import digest
from sharedline.state.database import Database
from sharedline.state.tables import API_TOKEN

#: By this, scanners for leaked secrets know one.
PREFIX = "shl_"
#: Days.
LONGEST = 366
_STEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Token:
    """A token without what makes it one."""

    id: int
    name: str
    #: Its first characters, to know it by.
    prefix: str
    created: datetime
    expires: datetime
    used: datetime | None
    revoked: datetime | None

    def live(self, now: datetime) -> bool:
        """Whether it still opens anything."""
        return self.revoked is None and self.expires > now


def make(
    connection: sa.Connection, person: Person, name: str, days: int, now: datetime | None = None
) -> tuple[int, str]:
    """Makes one; gives its id and the token, which is never seen again."""
    at, called = now or datetime.now(UTC), name.strip()
    if not called or len(called) > 200 or not called.isprintable():
        raise Error("A token has a name of 1 to 200 characters.", "Say what it is for.")
    if not 1 <= days <= LONGEST:
        raise Error(f"A token lasts 1 to {LONGEST} days.", "Choose a number between them.")
    if not person.active:
        raise Error(f"{person.name} was deactivated.", "Activate the account first.")
    token = PREFIX + secrets.token_urlsafe(32)
    made = connection.execute(
        API_TOKEN.insert().values(
            person_id=person.id,
            name=called,
            digest=digest(token),
            prefix=token[:10],
            created=at,
            expires=at + timedelta(days=days),
        )
    ).inserted_primary_key
    assert made is not None
    return made[0], token


def find(connection: sa.Connection, token: str, now: datetime) -> Person | None:
    """The active person of a token that is neither revoked nor over.

    Notes the use, at most once a minute, so the connection must be one that writes.
    """
    found = _look(connection, token, now)
    if found is None:
        return None
    if found[1]:
        _touch(connection, token, now)
    return found[0]


def bearer(database: Database, token: str, now: datetime | None = None) -> Person | None:
    """As `find`, on a connection that only reads wherever nothing is to be noted."""
    at = now or datetime.now(UTC)
    with database.read() as connection:
        found = _look(connection, token, at)
    if found is None:
        return None
    if found[1]:
        with database.begin() as connection:
            _touch(connection, token, at)
    return found[0]


def of(connection: sa.Connection, person_id: int) -> list[Token]:
    """Every token of a person, the newest first; those that are over too."""
    found = connection.execute(
        sa.select(API_TOKEN)
        .where(API_TOKEN.c.person_id == person_id)
        .order_by(API_TOKEN.c.created.desc(), API_TOKEN.c.id.desc())
    )
    return [Token(r.id, r.name, r.prefix, r.created, r.expires, r.used, r.revoked) for r in found]


def revoke(
    connection: sa.Connection, person_id: int, token_id: int, now: datetime | None = None
) -> bool:
    """Ends one of a person's tokens; False where they have none such that is not ended."""
    done = connection.execute(
        API_TOKEN.update()
        .where(
            API_TOKEN.c.id == token_id,
            API_TOKEN.c.person_id == person_id,
            API_TOKEN.c.revoked.is_(None),
        )
        .values(revoked=now or datetime.now(UTC))
    )
    return done.rowcount > 0


def revoke_all(connection: sa.Connection, person_id: int, now: datetime | None = None) -> int:
    """Ends every token of a person; gives how many."""
    done = connection.execute(
        API_TOKEN.update()
        .where(API_TOKEN.c.person_id == person_id, API_TOKEN.c.revoked.is_(None))
        .values(revoked=now or datetime.now(UTC))
    )
    return done.rowcount


def _look(connection: sa.Connection, token: str, now: datetime) -> tuple[Person, bool] | None:
    """The person, and whether the use is to be noted."""
    from sharedline.people.accounts import get  # accounts revoke tokens

    if not token.startswith(PREFIX):
        return None
    row = connection.execute(
        sa.select(API_TOKEN).where(
            API_TOKEN.c.digest == digest(token),
            API_TOKEN.c.revoked.is_(None),
            API_TOKEN.c.expires > now,
        )
    ).one_or_none()
    person = get(connection, row.person_id) if row is not None else None
    if row is None or person is None or not person.active:
        return None
    return person, row.used is None or row.used <= now - _STEP


def _touch(connection: sa.Connection, token: str, now: datetime) -> None:
    connection.execute(
        API_TOKEN.update().where(API_TOKEN.c.digest == digest(token)).values(used=now)
    )
