"""What people ask for waits once and runs once; whether a worker is there is seen, or not known."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from sharedline.errors import Error, Unavailable
from sharedline.jobs import asked, kinds, memory, runs, schedule, work, workers
from sharedline.project import JOBS, Project, open_project
from sharedline.state.database import Database
from sharedline.state.tables import META

NOW = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
SETTINGS = '[jobs.nightly]\nrun = "scan"\nat = "daily 06:00"\n'
NIGHTLY = schedule.Job("nightly", "scan", "daily 06:00")


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    (tmp_path / "sharedline.toml").write_text(SETTINGS)
    return replace(open_project(tmp_path), database=database_url)


@pytest.fixture
def database(project: Project) -> Iterator[Database]:
    with closing(Database(project.database_url)) as found:
        yield found


def _ask(database: Database, job: str, by: str = "Ann", at: datetime = NOW) -> None:
    with database.begin() as connection:
        asked.ask(connection, job, by, at)


def test_a_job_waits_once_and_the_transaction_goes_on(database: Database) -> None:
    _ask(database, "b")
    _ask(database, "a", "Bo", NOW + timedelta(minutes=1))
    with database.begin() as connection:
        with pytest.raises(asked.WaitsError, match="b waits in the queue already"):
            asked.ask(connection, "b", "Cy", NOW)
        asked.ask(connection, "c", "Cy", NOW + timedelta(minutes=2))
    assert [(r.job, r.by) for r in asked.waiting(database)] == [
        ("b", "Ann"), ("a", "Bo"), ("c", "Cy"),
    ]  # fmt: skip
    with database.begin() as connection:
        assert asked.withdraw(connection, "a")
        assert not asked.withdraw(connection, "a")
    assert [r.job for r in asked.waiting(database)] == ["b", "c"]


def test_what_is_taken_is_running_and_waits_no_more(database: Database) -> None:
    _ask(database, "b")
    run = asked.take(database, NOW)
    assert run is not None
    assert runs.runs(database) == [run]
    assert (run.job, run.state, run.by) == ("b", "running", "Ann")
    assert asked.waiting(database) == []
    assert asked.take(database, NOW) is None
    _ask(database, "b")  # while it runs it may be asked for again


def test_a_worker_takes_one_after_the_other(
    project: Project, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that this worker never saw runs too, and one that is gone says so."""
    monkeypatch.setattr(work, "KINDS", {"scan": lambda _: "Well.", "digest": lambda _: "Told."})
    said: list[str] = []
    with closing(work.Worker(project, said.append)) as worker:
        (project.folder / "sharedline.toml").write_text(
            f'{SETTINGS}[jobs.news]\nrun = "digest"\nat = "hourly"\n'
        )
        for minute, name in enumerate(("nightly", "news", "gone")):
            _ask(database, name, at=NOW + timedelta(minutes=minute))
        for task in worker.huey.read_periodic(None):  # as Huey does every minute
            worker.huey.enqueue(task)
        while (task := worker.huey.dequeue()) is not None:
            worker.huey.execute(task)
        assert worker.running is None
        assert [w.id for w in workers.workers(database)] == [worker.presence.id]
    found = [(r.job, r.state, r.by) for r in runs.runs(database)]
    assert found == [
        ("nightly", "done", "Ann"), ("news", "done", "Ann"), ("gone", "failed", "Ann"),
    ]  # fmt: skip
    assert "There is no job 'gone'" in runs.runs(database)[-1].detail
    assert said[:2] == ["nightly: began, as it was asked for", "nightly: done. Well."]


def test_settings_that_broke_are_how_the_run_ended(project: Project, database: Database) -> None:
    with closing(work.Worker(project, lambda _: None)) as worker:
        (project.folder / "sharedline.toml").write_text("[jobs.nightly\n")
        _ask(database, "nightly")
        ended = worker.attempt_asked()
    assert ended is not None
    assert ended.state == "failed"
    assert "sharedline.toml" in ended.detail


def test_it_waits_while_another_runs(project: Project, database: Database) -> None:
    _ask(database, "nightly")
    with closing(work.Worker(project, lambda _: None)) as worker:
        with runs.alone(project, database):
            assert worker.attempt_asked() is None
        assert [r.job for r in asked.waiting(database)] == ["nightly"]


def test_one_that_breaks_is_failed_and_not_lost_at_the_end(
    project: Project, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_: Project) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(work, "KINDS", {"scan": crash})
    _ask(database, "nightly")
    with closing(work.Worker(project, lambda _: None)) as worker:
        with pytest.raises(ZeroDivisionError):
            worker.attempt_asked()
        assert worker.running is None
    assert [r.state for r in runs.runs(database)] == ["failed"]


def test_a_database_that_was_away_is_how_a_run_ended(
    project: Project, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: Project) -> str:
        raise Unavailable("The database cannot be read.", "Wait.", "postgresql://secret")

    monkeypatch.setattr(work, "KINDS", {"scan": away})
    assert (
        work.run(project, database, NIGHTLY, "Ann").detail == "The database cannot be read. Wait."
    )


def test_a_worker_is_there_until_it_leaves_or_is_silent(database: Database) -> None:
    assert workers.standing(workers.workers(database), NOW) == ("none", None)
    first, second = workers.me(["seen:a:scan:hourly"], NOW), workers.me([], NOW)
    workers.beat(database, first, NOW)
    (found,) = workers.workers(database)
    assert found == first
    assert workers.standing([found], NOW + timedelta(minutes=2)) == ("running", found)
    assert workers.standing([found], NOW + timedelta(minutes=4)) == ("unknown", found)
    later = NOW + timedelta(minutes=5)
    workers.beat(database, second, later)  # the silent one is forgotten …
    assert [w.id for w in workers.workers(database)] == [second.id]
    workers.beat(database, first, later)  # … and known again when it is heard of
    assert len(workers.workers(database)) == 2
    workers.leave(database, first)
    workers.leave(database, second)
    assert workers.workers(database) == []


def test_the_worker_comes_and_goes(
    project: Project, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: list[workers.State] = []

    class Stopped:
        def run(self) -> None:
            there.append(workers.standing(workers.workers(database), datetime.now(UTC))[0])

    monkeypatch.setattr(work, "_consumer", lambda *_: Stopped())
    with closing(work.Worker(project, lambda _: None)) as worker:
        worker.work()
        assert worker.presence.jobs == ("seen:nightly:scan:daily 06:00",)
    assert there == ["running"]
    assert workers.workers(database) == []


def test_the_queue_is_read_without_making_one(project: Project, database: Database) -> None:
    assert memory.memory(project, database) == memory.Memory()
    assert not (project.folder / "jobs.db").exists()
    with closing(work.Worker(project, lambda _: None)) as worker:
        for task in worker.huey._registry.periodic_tasks:
            worker.huey.enqueue(task)
            worker.huey.enqueue(task)
        found = memory.memory(project, database)
        assert found.queued == ("nightly",)
        known = found.known(NIGHTLY)
        assert known is not None
        assert known.tzinfo is not None
        assert found.known(replace(NIGHTLY, at="hourly")) is None


@pytest.mark.parametrize("data", [b"\x80\x04.", b"{}", b'{"task": []}', "text"])
def test_a_queue_that_cannot_be_understood_is_not_empty(tmp_path: Path, data: object) -> None:
    project = Project(tmp_path)
    with closing(Database(project.database_url)) as database:
        work.queue(project).storage.close()
        with sqlite3.connect(tmp_path / "jobs.db") as connection:
            connection.execute(
                "insert into task (queue, data, priority) values ('sharedline', ?, 0)", [data]
            )
        connection.close()
        with pytest.raises(Error, match="queue of the workers cannot be read"):
            memory.memory(project, database)
        (tmp_path / "jobs.db").write_bytes(b"no database at all" * 100)
        with pytest.raises(Error, match="queue of the workers cannot be read"):
            memory.memory(project, database)


def test_runs_come_in_pages_with_what_each_choice_would_leave(database: Database) -> None:
    for n in range(7):
        number = runs.start(database, "ab"[n % 2], "Ann", NOW + timedelta(minutes=n))
        if n < 6:
            runs.end(database, number, "failed" if n == 2 else "done", f"run {n}")
    whole = runs.page(database, number=2, size=3)
    assert [r.detail for r in whole.runs] == ["run 3", "run 2", "run 1"]
    assert (whole.total, whole.pages, whole.jobs) == (7, 3, {"a": 4, "b": 3})
    assert whole.states == {"done": 5, "failed": 1, "running": 1}
    some = runs.page(database, "a", "done", 9, 3)
    assert [r.detail for r in some.runs] == ["run 4", "run 0"]
    assert (some.number, some.total) == (1, 2)
    assert some.states == {"done": 2, "failed": 1, "running": 1}
    assert some.jobs == {"a": 2, "b": 3}
    nothing = runs.page(database, "no such")
    assert (nothing.runs, nothing.number, nothing.pages) == ((), 1, 1)


LONG_AGO = NOW - timedelta(days=400)


def _run(state: str, hours: float) -> runs.Run:
    at = NOW + timedelta(hours=hours)
    return runs.Run(1, "nightly", at, None if state == "running" else at, state, "", "")


@pytest.mark.parametrize(
    ("found", "known", "hours", "why"),
    [
        ([], LONG_AGO, 0, "it is due"),
        ([], None, 22.5, "no worker knows it, so nothing is made up for"),
        ([_run("done", -1)], LONG_AGO, 22.5, "it ran"),
        ([_run("running", -1)], LONG_AGO, 22.5, "it runs"),
        ([_run("lost", -1)], LONG_AGO, 0, "it was lost"),
        ([_run("failed", -0.1)], LONG_AGO, 0.15, "it is tried again after a pause"),
        ([_run("failed", -1.2), _run("failed", -0.1)], LONG_AGO, 0.15, "and once more"),
        ([_run("failed", -0.1)] * schedule.ATTEMPTS, LONG_AGO, 22.5, "it was tried enough"),
        ([_run("failed", -0.1)], NOW - timedelta(hours=1), 22.5, "it was asked for, not due"),
    ],
)
def test_when_it_is_next(
    found: list[runs.Run], known: datetime | None, hours: float, why: str
) -> None:
    assert schedule.upcoming(NIGHTLY, found, known, NOW) == NOW + timedelta(hours=hours), why


def test_every_kind_says_what_it_does() -> None:
    assert set(kinds.DOES) == set(JOBS)
    assert all(text.endswith(".") for text in kinds.DOES.values())


def test_the_tables_hold_what_settings_allow() -> None:
    names = {META.tables[t].c[c].type for t, c in (("job_request", "job"), ("job_run", "job"))}
    assert all(isinstance(kind, sa.String) and (kind.length or 0) >= 40 for kind in names)
