"""How often something may be tried; counted in the database, so a restart forgives nothing."""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from sharedline.errors import Error
from sharedline.state.tables import ATTEMPT

#: Attempts older than this count for no window.
KEPT = timedelta(days=1)


class TooMany(Error):  # noqa: N818 a refusal, not a failure
    """Something was tried too often; `seconds` says when it may be tried again."""

    def __init__(self, seconds: int) -> None:
        when = f"{seconds} seconds" if seconds < 120 else f"{math.ceil(seconds / 60)} minutes"
        super().__init__("That was tried too often.", f"Wait {when}.")
        self.seconds = seconds


def check(
    connection: sa.Connection, key: str, most: int, seconds: int, now: datetime | None = None
) -> None:
    """Counts an attempt; `TooMany` where there were `most` within `seconds` already.

    What is refused is not counted: who waits comes in, however often somebody else tried.
    Call it in a transaction of its own, so that it stays counted when what follows fails.
    """
    at, kept = now or datetime.now(UTC), _kept(key)
    if seconds > KEPT.total_seconds():
        raise ValueError(f"a window of {seconds} seconds is longer than attempts are kept")
    _alone(connection, kept)
    connection.execute(ATTEMPT.delete().where(ATTEMPT.c.at < at - KEPT))
    since = at - timedelta(seconds=seconds)
    times = list(
        connection.execute(
            sa.select(ATTEMPT.c.at)
            .where(ATTEMPT.c.key == kept, ATTEMPT.c.at > since)
            .order_by(ATTEMPT.c.at.desc())
            .limit(most)
        ).scalars()
    )
    if len(times) >= most:
        oldest = times[-1]
        raise TooMany(max(1, math.ceil((oldest - since).total_seconds())))
    connection.execute(ATTEMPT.insert().values(key=kept, at=at))


def forget(connection: sa.Connection, key: str) -> None:
    """Forgets the attempts of a key: the right password was given."""
    connection.execute(ATTEMPT.delete().where(ATTEMPT.c.key == _kept(key)))


def _kept(key: str) -> str:
    """A hash: people type passwords where their name belongs."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _alone(connection: sa.Connection, kept: str) -> None:
    """Lets attempts of one key wait for each other; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        number = int.from_bytes(bytes.fromhex(kept)[:8], "big", signed=True)
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))
