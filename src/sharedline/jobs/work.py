"""Runs jobs: one by name now, or all at their times through Huey, until it is told to stop."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import logging
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from sharedline.errors import Error
from sharedline.jobs import runs, schedule
from sharedline.jobs.kinds import KINDS
from sharedline.project import Project, open_project
from sharedline.state.database import Database, address, shown

Say = Callable[[str], None]
SCHEDULE = "schedule"


def run(project: Project, database: Database, one: schedule.Job, by: str) -> runs.Run:
    """Runs a job now and keeps how it ended; what a user can mend is its detail, not an exception.

    Raises:
        BusyError: Another job is running.
    """
    with runs.alone(project, database):
        return _run(project, database, one, by)


def _run(
    project: Project,
    database: Database,
    one: schedule.Job,
    by: str,
    began: Callable[[int], None] = lambda _: None,
) -> runs.Run:
    at = datetime.now(UTC)
    number = runs.start(database, one.name, by, at)
    began(number)
    state, detail = "failed", "It stopped without saying why; see the output of the process."
    try:
        detail = KINDS[one.run](project)
        state = "done"
    except Error as error:
        detail = str(error)
    finally:
        runs.end(database, number, state, detail)
    return runs.Run(number, one.name, at, datetime.now(UTC), state, detail, by)


class Worker:
    """Huey's consumer over the jobs of a project. Its queue lies beside the project's database."""

    def __init__(self, project: Project, say: Say, patience: float = 60.0) -> None:
        self.project, self.say, self.patience = project, say, patience
        self.database = Database(project.database_url)
        self.huey = queue(project)
        self.jobs = schedule.jobs(project)
        #: The run under way, by its number.
        self.running: int | None = None
        now = datetime.now(UTC)
        for one in self.jobs.values():
            # A job that was never run waits for the first of its times after it was first seen.
            self.huey.put_if_empty(_seen(one), now.isoformat())
            self._register(one)

    def close(self) -> None:
        """Gives the connections back."""
        self.huey.storage.close()
        self.database.close()

    def work(self) -> None:
        """Runs jobs at their times until SIGTERM, which waits for the one that runs, or Ctrl-C.

        What is not done within the patience, or at Ctrl-C, is written as lost; its thread may be
        there still (`running`), so that the process is best ended at once.
        """
        # What a user can mend is in the run's detail; what is not expected is logged with its trace.
        logging.getLogger("huey").setLevel(logging.ERROR)
        with contextlib.suppress(runs.BusyError), runs.alone(self.project, self.database):
            pass  # what a killed worker left as running is lost
        consumer = _consumer(self.huey, self.patience)
        for one in self.jobs.values():
            self.say(f"{one.name}: {one.run} {one.at}, next {one.next(datetime.now(UTC)):%F %H:%M}")
        consumer.run()
        if self.running is not None:
            runs.end(self.database, self.running, "lost", "The worker was stopped before it ended.")
            self.say("The job that was running is lost; it runs again when the worker is started.")

    def is_due(self, one: schedule.Job, now: datetime | None = None) -> bool:
        """Whether a job is to run now."""
        known = datetime.fromisoformat(self.huey.get(_seen(one), peek=True))
        done = runs.runs(self.database, one.name)
        return schedule.due(one, done, known, now or datetime.now(UTC))

    def attempt(self, one: schedule.Job) -> runs.Run | None:
        """Runs a job if it is still due; what waits twice in the queue runs once."""
        try:
            with runs.alone(self.project, self.database):
                if not self.is_due(one):
                    return None
                self.say(f"{one.name}: began")
                project = open_project(self.project.folder)  # as the files are now
                ended = _run(project, self.database, one, SCHEDULE, self._began)
                self.running = None
        except runs.BusyError:
            return None  # it stays due, and is asked for again in a minute
        self.say(f"{one.name}: {ended.state}. {ended.detail}")
        return ended

    def _began(self, number: int) -> None:
        self.running = number

    def _register(self, one: schedule.Job) -> None:
        def validate(_: datetime) -> bool:
            return self.is_due(one)

        def task() -> None:
            self.attempt(one)

        # Huey asks every minute whether it is time; what is due is queued, and run by its worker.
        self.huey.periodic_task(validate, name=f"job-{one.name}")(task)


def _seen(one: schedule.Job) -> str:
    return f"seen:{one.name}:{one.run}:{one.at}"


def _plain() -> Any:
    """Messages as JSON. Huey's own are pickled: whoever writes to the database could run code."""
    from huey.registry import Message
    from huey.serializer import Serializer

    class Plain(Serializer):  # type: ignore[misc] # Huey has no types
        """Only what is plain: our tasks have neither arguments nor results."""

        def _serialize(self, data: Any) -> bytes:
            whole = {"task": [data.id, data.name]} if isinstance(data, Message) else {"value": data}
            return json.dumps(whole).encode()

        def _deserialize(self, data: bytes) -> Any:
            found = json.loads(bytes(data))
            if "value" in found:
                return found["value"]
            number, name = found["task"]
            return Message(number, name, None, 0, 0, None, (), {}, None, None, None, None, None)

    return Plain()


def _consumer(huey: Any, patience: float) -> Any:
    """Huey's consumer: one thread; a terminal that closes ends it as SIGTERM does."""
    from huey.consumer import Consumer

    class Quiet(Consumer):  # type: ignore[misc] # Huey has no types
        """Does not begin anew in the background when its terminal closes."""

        def start(self) -> None:
            super().start()
            if hasattr(signal, "SIGHUP"):
                signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))

    return Quiet(
        huey,
        workers=1,
        worker_type="thread",
        graceful_signal="TERM",
        shutdown_timeout=patience,
        initial_delay=0.2,
        max_delay=2.0,
    )


def queue(project: Project) -> Any:
    """Huey on SQLite beside the project's database, or in its PostgreSQL; needs no broker.

    Raises:
        Error: Huey is not installed, or the database cannot be reached.
    """
    if importlib.util.find_spec("huey") is None:
        raise Error(
            "Jobs need Huey, which is not installed.",
            "Install it: pip install 'sharedline[notify]'.",
        )
    from huey import PostgresHuey, SqliteHuey

    url = sa.make_url(address(project.database_url))
    if url.get_backend_name() != "postgresql":
        return SqliteHuey(
            "sharedline", filename=str(runs.beside(project, "jobs.db")), serializer=_plain()
        )
    import psycopg

    try:
        # Not blocking: the connection that it would listen on is of the worker's thread.
        return PostgresHuey(
            "sharedline",
            dsn=url.set(drivername="postgresql").render_as_string(hide_password=False),
            blocking=False,
            serializer=_plain(),
        )
    except psycopg.Error as error:
        raise Error(
            f"The database {shown(project.database_url)!r} cannot be reached "
            f"({type(error).__name__}).",
            "Check `database` in sharedline.toml.",
        ) from error
