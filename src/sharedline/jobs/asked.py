"""Jobs that people ask to run now: each waits once, until a worker takes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from sharedline.errors import Error
from sharedline.jobs.runs import Run, begin
from sharedline.state.database import Database
from sharedline.state.tables import JOB_REQUEST


class WaitsError(Error):
    """The job waits already (409)."""

    http_status = 409


@dataclass(frozen=True, slots=True)
class Request:
    """A job that somebody asked for, and since when it waits."""

    job: str
    by: str
    at: datetime


def ask(connection: sa.Connection, job: str, by: str, now: datetime) -> None:
    """Puts a job in the queue, in the caller's transaction with its record.

    Raises:
        WaitsError: It waits already; the transaction goes on.
    """
    try:
        # Of two who ask at the same moment the database lets one through.
        with connection.begin_nested():
            connection.execute(JOB_REQUEST.insert().values(job=job, by_whom=by, at=now))
    except sa.exc.IntegrityError:
        raise WaitsError(f"{job} waits in the queue already.", "A worker takes it once.") from None


def withdraw(connection: sa.Connection, job: str) -> bool:
    """Takes a job out of the queue; False where it does not wait (any more)."""
    done = connection.execute(JOB_REQUEST.delete().where(JOB_REQUEST.c.job == job))
    return bool(done.rowcount)


def waiting(database: Database) -> list[Request]:
    """What waits, the first to be taken first."""
    asked = sa.select(JOB_REQUEST).order_by(JOB_REQUEST.c.at, JOB_REQUEST.c.job)
    with database.read() as connection:
        return [Request(r.job, r.by_whom, r.at) for r in connection.execute(asked)]


def take(database: Database, now: datetime) -> Run | None:
    """Makes a run of what waits first; None where nothing does.

    One transaction: what is taken from the queue is written as running, whatever happens next.
    """
    for one in waiting(database):
        with database.begin() as connection:
            if not withdraw(connection, one.job):
                continue  # somebody took it back since
            number = begin(connection, one.job, one.by, now)
        return Run(number, one.job, now, None, "running", "", one.by)
    return None
