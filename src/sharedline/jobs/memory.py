"""What the workers' queue remembers, read without Huey and without making the queue where none is."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from sharedline.errors import Error
from sharedline.jobs.runs import beside
from sharedline.jobs.schedule import Job
from sharedline.project import Project
from sharedline.state.database import Database

#: Huey's name for our queue.
NAME = "sharedline"
#: Of a task's name what stands before the job's.
TASK = "job-"
_TASKS = "select data from {0}task where queue = 'sharedline' order by priority desc, id"
_KEPT = "select key, value from {0}kv where queue = 'sharedline'"


@dataclass(frozen=True)
class Memory:
    """Since when a worker knows each job, by `seen_key`; the jobs that are queued for their time."""

    seen: dict[str, datetime] = field(default_factory=dict)
    queued: tuple[str, ...] = ()

    def known(self, one: Job) -> datetime | None:
        """Since when a worker knows a job as it is scheduled now; None where none ever did."""
        return self.seen.get(seen_key(one))


def seen_key(one: Job) -> str:
    """Under which it is kept when a worker first saw a job with this schedule."""
    return f"seen:{one.name}:{one.run}:{one.at}"


def memory(project: Project, database: Database) -> Memory:
    """What the queue holds; nothing where no worker ever made it.

    Raises:
        Error: It is there, but cannot be read.
    """
    try:
        with _rows(project, database) as (tasks, kept):
            # Huey puts the module before a task's name; a job's has no full stop.
            told = [str(json.loads(bytes(data))["task"][1]) for (data,) in tasks]
            names = [name.rpartition(".")[2] for name in told]
            seen = {
                key: datetime.fromisoformat(json.loads(bytes(value))["value"]).astimezone(UTC)
                for key, value in kept
                if key.startswith("seen:")
            }
    except (sqlite3.Error, ValueError, KeyError, TypeError, IndexError) as error:
        raise Error(
            f"The queue of the workers cannot be read ({type(error).__name__}).",
            "Check jobs.db beside the database; without it, a worker makes a new one.",
        ) from error
    jobs = (name.removeprefix(TASK) for name in names if name.startswith(TASK))
    return Memory(seen, tuple(dict.fromkeys(jobs)))


@contextlib.contextmanager
def _rows(
    project: Project, database: Database
) -> Iterator[tuple[Sequence[Any], Sequence[tuple[str, Any]]]]:
    """The tasks and the values of Huey's tables, as it keeps them on each database."""
    if database.engine.dialect.name == "postgresql":
        with database.read() as connection:
            here = sa.inspect(connection)
            if not (here.has_table("huey_task") and here.has_table("huey_kv")):
                yield [], []
                return
            tasks, kept = (
                connection.execute(sa.text(q.format("huey_"))).all() for q in (_TASKS, _KEPT)
            )
        yield tasks, [(str(key), value) for key, value in kept]
        return
    path = beside(project, "jobs.db")
    if not path.is_file():
        yield [], []
        return
    # `mode=ro`: a page that is looked at makes no file.
    address = f"file:{quote(path.as_posix())}?mode=ro"
    with contextlib.closing(sqlite3.connect(address, uri=True, timeout=5)) as opened:
        yield (
            opened.execute(_TASKS.format("")).fetchall(),
            opened.execute(_KEPT.format("")).fetchall(),
        )
