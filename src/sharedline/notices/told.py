"""What was told, read back from the register: when, of what, to whom as far as the settings know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sharedline.notices.settings import Audience
from sharedline.state.database import Database
from sharedline.state.tables import SENT


@dataclass(frozen=True, slots=True)
class Told:
    """A notice that was sent: `target` is the id of where it went, `under_way` that it is now."""

    key: str
    kind: str
    subject: str
    at: datetime
    target: str
    under_way: bool


def told(database: Database, number: int = 1, size: int = 50) -> tuple[list[Told], int, int]:
    """One page (from 1) of what was sent, the newest first; its number, and how many there are."""
    with database.read() as connection:
        total = connection.execute(sa.select(sa.func.count()).select_from(SENT)).scalar() or 0
        number = max(1, min(number, -(-total // size)))
        found = connection.execute(
            sa.select(SENT)
            .order_by(SENT.c.at.desc(), SENT.c.key)
            .limit(size)
            .offset((number - 1) * size)
        )
        return [_read(row) for row in found], number, total


def when(database: Database, keys: Iterable[str]) -> dict[str, datetime]:
    """Of these keys (`send.key_of`) those that were sent, and when."""
    wanted, found = sorted(set(keys)), dict[str, datetime]()
    with database.read() as connection:
        for first in range(0, len(wanted), 500):  # a statement takes so many values and no more
            part = SENT.c.key.in_(wanted[first : first + 500])
            rows = connection.execute(sa.select(SENT.c.key, SENT.c.at).where(part))
            found.update((str(key), at) for key, at in rows)
    return found


def names(to: Audience) -> dict[str, str]:
    """Each target of the settings by its id: whose it is, and what may be shown of it."""
    found: dict[str, list[str]] = {}
    for target in to.admins:
        found.setdefault(target.id, []).append(f"admins ({target.shown})")
    for team, targets in to.teams.items():
        for target in targets:
            found.setdefault(target.id, []).append(f"{team} ({target.shown})")
    return {key: ", ".join(whose) for key, whose in found.items()}


def _read(row: sa.Row[Any]) -> Told:
    # What is being sent this moment has a `~` before its key (`send.Register`).
    key, whole = row.key.removeprefix("~"), not row.key.startswith("~")
    return Told(key, row.kind, row.subject, row.at, key.rpartition("@")[2], not whole)
