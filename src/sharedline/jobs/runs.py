"""Runs of jobs as rows, and the lock that lets one run at a time and frees itself with its process."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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


#: How a run may stand.
STATES = ("running", "done", "failed", "lost")


@dataclass(frozen=True, slots=True)
class Page:
    """Some runs, the newest first, and how many there are in all and of each job and state."""

    runs: tuple[Run, ...]
    number: int
    total: int
    size: int
    jobs: Mapping[str, int]
    states: Mapping[str, int]

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.total // self.size))


class BusyError(Error):
    """A job runs already."""


def runs(database: Database, job: str = "", limit: int = 200) -> list[Run]:
    """The last runs (of a job, if named), oldest first."""
    asked = sa.select(JOB_RUN).order_by(JOB_RUN.c.started.desc(), JOB_RUN.c.id.desc()).limit(limit)
    if job:
        asked = asked.where(JOB_RUN.c.job == job)
    with database.read() as connection:
        return _read(connection.execute(asked))[::-1]


def _read(rows: Iterable[sa.Row[Any]]) -> list[Run]:
    return [Run(r.id, r.job, r.started, r.ended, r.state, r.detail, r.by_whom) for r in rows]


def page(
    database: Database, job: str = "", state: str = "", number: int = 1, size: int = 50
) -> Page:
    """One page (from 1; the last where there are fewer) of the runs of a job and state, if named.

    What a job or state is chosen among is counted with the other choice made.
    """
    named = [JOB_RUN.c.job == job] if job else []
    such = [JOB_RUN.c.state == state] if state else []

    def counts(connection: sa.Connection, column: Any, which: list[Any]) -> dict[str, int]:
        asked = sa.select(column, sa.func.count()).where(*which).group_by(column).order_by(column)
        return {str(value): int(n) for value, n in connection.execute(asked)}

    with database.read() as connection:
        states = counts(connection, JOB_RUN.c.state, named)
        total = states.get(state, 0) if state else sum(states.values())
        number = max(1, min(number, -(-total // size)))
        found = connection.execute(
            sa.select(JOB_RUN)
            .where(*named, *such)
            .order_by(JOB_RUN.c.started.desc(), JOB_RUN.c.id.desc())
            .limit(size)
            .offset((number - 1) * size)
        )
        jobs = counts(connection, JOB_RUN.c.job, such)
        return Page(tuple(_read(found)), number, total, size, jobs, states)


def start(database: Database, job: str, by: str, now: datetime) -> int:
    """Writes that a job runs; gives the run's id."""
    with database.begin() as connection:
        return begin(connection, job, by, now)


def begin(connection: sa.Connection, job: str, by: str, now: datetime) -> int:
    """The same within a transaction of the caller's."""
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
