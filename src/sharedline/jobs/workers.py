"""Who runs the jobs: a worker says every minute that it is there, so that pages know of it."""

from __future__ import annotations

import json
import os
import socket
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa

from sharedline.state.database import Database
from sharedline.state.tables import JOB_WORKER

#: Silent for as long, a worker may be gone: it says every minute that it is there.
SILENT = timedelta(minutes=3)
#: `unknown`: one was there, did not end as it should, and has not been heard of since.
State = Literal["running", "unknown", "none"]


@dataclass(frozen=True, slots=True)
class Presence:
    """A worker: where it runs, since when, when it was heard of last, which schedule it read."""

    id: str
    host: str
    pid: int
    started: datetime
    seen: datetime
    jobs: tuple[str, ...] = ()

    def silent(self, now: datetime) -> bool:
        """Whether it was not heard of for too long."""
        return now - self.seen > SILENT


def me(jobs: Iterable[str], now: datetime) -> Presence:
    """This process as a worker."""
    return Presence(
        uuid.uuid4().hex, socket.gethostname()[:200], os.getpid(), now, now, tuple(jobs)
    )


def beat(database: Database, one: Presence, now: datetime) -> None:
    """Writes that a worker is there; those that were silent for too long are forgotten."""
    row = {"host": one.host, "pid": one.pid, "started": one.started, "seen": now,
           "jobs": json.dumps(one.jobs)}  # fmt: skip
    with database.begin() as connection:
        gone = (JOB_WORKER.c.seen < now - SILENT) & (JOB_WORKER.c.id != one.id)
        connection.execute(JOB_WORKER.delete().where(gone))
        known = sa.update(JOB_WORKER).where(JOB_WORKER.c.id == one.id).values(**row)
        if not connection.execute(known).rowcount:
            connection.execute(JOB_WORKER.insert().values(id=one.id, **row))


def leave(database: Database, one: Presence) -> None:
    """Writes that a worker has ended."""
    with database.begin() as connection:
        connection.execute(JOB_WORKER.delete().where(JOB_WORKER.c.id == one.id))


def workers(database: Database) -> list[Presence]:
    """Every worker that did not say that it ended, the one heard of last first."""
    asked = sa.select(JOB_WORKER).order_by(JOB_WORKER.c.seen.desc(), JOB_WORKER.c.id)
    with database.read() as connection:
        return [
            Presence(r.id, r.host, r.pid, r.started, r.seen, tuple(json.loads(r.jobs)))
            for r in connection.execute(asked)
        ]


def standing(found: Sequence[Presence], now: datetime) -> tuple[State, Presence | None]:
    """Whether a worker runs, and which: the one heard of last."""
    if not found:
        return "none", None
    return ("unknown" if found[0].silent(now) else "running"), found[0]
