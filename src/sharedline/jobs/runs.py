"""Runs of jobs as rows, and the lock that lets one run at a time and frees itself with its process."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from sharedline.errors import Error
from sharedline.project import Project
from sharedline.state.database import Database
from sharedline.state.tables import JOB_RUN

#: The advisory lock of PostgreSQL that a running job holds.
_LOCK = 7283646


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a job: `state` is running, done, failed or lost (its process ended before it)."""

    id: int
    job: str
    started: datetime
    ended: datetime | None
    state: str
    detail: str
    by: str


class BusyError(Error):
    """A job runs already."""


def runs(database: Database, job: str = "", limit: int = 200) -> list[Run]:
    """The last runs (of a job, if named), oldest first."""
    asked = sa.select(JOB_RUN).order_by(JOB_RUN.c.started.desc(), JOB_RUN.c.id.desc()).limit(limit)
    if job:
        asked = asked.where(JOB_RUN.c.job == job)
    with database.read() as connection:
        found = [
            Run(r.id, r.job, r.started, r.ended, r.state, r.detail, r.by_whom)
            for r in connection.execute(asked)
        ]
    return found[::-1]


def start(database: Database, job: str, by: str, now: datetime) -> int:
    """Writes that a job runs; gives the run's id."""
    with database.begin() as connection:
        made = connection.execute(
            JOB_RUN.insert().values(
                job=job, started=now, ended=None, state="running", detail="", by_whom=by
            )
        )
        assert made.inserted_primary_key is not None
        return int(made.inserted_primary_key[0])


def end(database: Database, run: int, state: str, detail: str) -> None:
    """Writes how a run ended."""
    with database.begin() as connection:
        connection.execute(
            sa.update(JOB_RUN)
            .where(JOB_RUN.c.id == run)
            .values(ended=datetime.now(UTC), state=state, detail=detail[:4000])
        )


def lose(database: Database) -> int:
    """Marks as lost what is written as running; only who holds the lock knows that it is not."""
    with database.begin() as connection:
        done = connection.execute(
            sa.update(JOB_RUN)
            .where(JOB_RUN.c.state == "running")
            .values(ended=datetime.now(UTC), state="lost", detail="Its process ended before it.")
        )
        return done.rowcount


@contextlib.contextmanager
def alone(project: Project, database: Database) -> Iterator[None]:
    """Holds the lock of the project's jobs; whatever ends the process frees it.

    Raises:
        BusyError: A job runs already.
    """
    with _postgresql(database) if database.engine.dialect.name == "postgresql" else _file(project):
        lose(database)
        yield


def _busy() -> BusyError:
    return BusyError("Another job is running.", "Wait for it; see `sharedline jobs list`.")


@contextlib.contextmanager
def _postgresql(database: Database) -> Iterator[None]:
    with database.engine.connect() as connection:
        asked = sa.select(sa.func.pg_try_advisory_lock(_LOCK))
        if not connection.execute(asked).scalar():
            raise _busy()
        connection.rollback()  # the lock is the session's, not the transaction's
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(_LOCK)))
            connection.rollback()


@contextlib.contextmanager
def _file(project: Project) -> Iterator[None]:
    # SQLite's own lock on a file works on every system, and ends with the process.
    connection = sqlite3.connect(beside(project, "jobs.lock"), timeout=0, isolation_level=None)
    try:
        try:
            connection.execute("begin exclusive")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise _busy() from None
            raise Error(
                f"{beside(project, 'jobs.lock')} cannot be locked ({error}).",
                "Check the folder's permissions.",
            ) from error
        yield
    finally:
        connection.close()


def beside(project: Project, name: str) -> Path:
    """A file beside the project's SQLite database."""
    url = sa.make_url(project.database_url)
    return Path(url.database).parent / name if url.database else project.folder / name
