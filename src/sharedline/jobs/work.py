"""Runs jobs: one by name now, or all at their times through Huey, until it is told to stop."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import logging
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from sharedline.errors import Error, Unavailable
from sharedline.jobs import asked, memory, runs, schedule, workers
from sharedline.jobs.kinds import KINDS
from sharedline.project import Project, open_project
from sharedline.state.database import Database, address, shown

Say = Callable[[str], None]
SCHEDULE = "schedule"
_seen = memory.seen_key


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
    begun = runs.Run(runs.start(database, one.name, by, at), one.name, at, None, "running", "", by)
    began(begun.id)
    return _through(database, begun, lambda: KINDS[one.run](project))


def _through(database: Database, begun: runs.Run, do: Callable[[], str]) -> runs.Run:
    """Does what a run is for, and writes how it ended."""
    state, detail = "failed", "It stopped without saying why; see the output of the process."
    try:
        detail = do()
        state = "done"
    except (Error, Unavailable) as error:
        detail = str(error)
    finally:
        runs.end(database, begun.id, state, detail)
    return replace(begun, ended=datetime.now(UTC), state=state, detail=detail)


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
        self.presence = workers.me(map(_seen, self.jobs.values()), now)
        for one in self.jobs.values():
            # A job that was never run waits for the first of its times after it was first seen.
            self.huey.put_if_empty(_seen(one), now.isoformat())
            self._register(one)
        self._asked = self._register_asked()

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
        self._beat()
        try:
            consumer.run()
        finally:
            with contextlib.suppress(
                Error, Unavailable
            ):  # then it is silent, and told as not known
                workers.leave(self.database, self.presence)
        if self.running is not None:
            runs.end(self.database, self.running, "lost", "The worker was stopped before it ended.")
            self.say(
                "The job that was running is lost. If its time had come, the next worker runs it."
            )

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
                with self._running():
                    ended = _run(project, self.database, one, SCHEDULE, self._began)
        except runs.BusyError:
            return None  # it stays due, and is asked for again in a minute
        self.say(f"{one.name}: {ended.state}. {ended.detail}")
        return ended

    def attempt_asked(self) -> runs.Run | None:
        """Runs what somebody asked for and waits first; the next is a task of its own.

        So SIGTERM waits for one job, not for all that wait.
        """
        try:
            with runs.alone(self.project, self.database):
                begun = asked.take(self.database, datetime.now(UTC))
                if begun is None:
                    return None
                self.say(f"{begun.job}: began, as it was asked for")
                with self._running():
                    self._began(begun.id)
                    ended = _through(self.database, begun, lambda: self._as_now(begun.job))
        except runs.BusyError:
            return None  # it waits on, and is looked for again in a minute
        self.say(f"{ended.job}: {ended.state}. {ended.detail}")
        if asked.waiting(self.database):
            self.huey.enqueue(self._asked.s())
        return ended

    def _as_now(self, name: str) -> str:
        """Runs a job as the files are now: one that this worker never saw runs too."""
        project = open_project(self.project.folder)
        return KINDS[schedule.job(project, name).run](project)

    def _beat(self) -> None:
        with contextlib.suppress(
            Error, Unavailable
        ):  # a minute that is missed is no reason to stop
            workers.beat(self.database, self.presence, datetime.now(UTC))

    @contextlib.contextmanager
    def _running(self) -> Iterator[None]:
        try:
            yield
        finally:  # one that broke has its end written, too: it is not lost when the worker stops
            self.running = None

    def _began(self, number: int) -> None:
        self.running = number

    def _register(self, one: schedule.Job) -> None:
        def validate(_: datetime) -> bool:
            return self.is_due(one)

        def task() -> None:
            self.attempt(one)

        # Huey asks every minute whether it is time; what is due is queued, and run by its worker.
        self.huey.periodic_task(validate, name=f"{memory.TASK}{one.name}")(task)

    def _register_asked(self) -> Any:
        def validate(_: datetime) -> bool:
            # Asked by Huey's scheduler, a thread of its own: it answers while a job runs, too.
            self._beat()
            return bool(asked.waiting(self.database))

        def task() -> None:
            self.attempt_asked()

        return self.huey.periodic_task(validate, name="asked")(task)


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
            memory.NAME, filename=str(runs.beside(project, "jobs.db")), serializer=_plain()
        )
    import psycopg

    try:
        # Not blocking: the connection that it would listen on is of the worker's thread.
        return PostgresHuey(
            memory.NAME,
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
