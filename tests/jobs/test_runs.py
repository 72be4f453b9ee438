"""Runs are rows; one at a time, and what a dead process left is lost, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sharedline.errors import ConfigError, Error
from sharedline.jobs import kinds, runs, schedule, work
from sharedline.project import Project, open_project
from sharedline.state.database import Database

NOW = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
JOB = schedule.Job("nightly", "scan", "daily 06:00")


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    (tmp_path / "sharedline.toml").write_text('[jobs.nightly]\nrun = "scan"\nat = "daily 06:00"\n')
    return replace(open_project(tmp_path), database=database_url)


@pytest.fixture
def database(project: Project) -> Iterator[Database]:
    with closing(Database(project.database_url)) as found:
        yield found


def test_runs_read_back_oldest_first(database: Database) -> None:
    first = runs.start(database, "a", "Ann", NOW)
    second = runs.start(database, "b", "schedule", NOW + timedelta(minutes=1))
    runs.end(database, first, "done", "Well.")
    runs.end(database, second, "failed", "x" * 9000)
    one, two = runs.runs(database)
    assert (one.job, one.state, one.detail, one.by) == ("a", "done", "Well.", "Ann")
    assert one.started == NOW
    assert two.ended is not None
    assert len(two.detail) == 4000
    assert [r.job for r in runs.runs(database, "b")] == ["b"]
    assert [r.job for r in runs.runs(database, limit=1)] == ["b"]


def test_one_at_a_time_and_the_dead_are_lost(project: Project, database: Database) -> None:
    runs.start(database, "a", "Ann", NOW)
    with runs.alone(project, database):
        assert [r.state for r in runs.runs(database)] == ["lost"]
        runs.start(database, "b", "Ann", NOW)
        with pytest.raises(runs.BusyError, match="running"), runs.alone(project, database):
            pass
        assert runs.runs(database)[-1].state == "running"
    with runs.alone(project, database):
        pass


def test_how_a_run_ends(
    project: Project, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Project) -> str:
        raise Error("It is broken.", "Mend it.")

    def crash(_: Project) -> str:
        raise ZeroDivisionError

    for kind in (lambda _: "Well.", fail):
        monkeypatch.setattr(work, "KINDS", {"scan": kind})
        work.run(project, database, JOB, "Ann")
    monkeypatch.setattr(work, "KINDS", {"scan": crash})
    with pytest.raises(ZeroDivisionError):
        work.run(project, database, JOB, "Ann")
    found = runs.runs(database)
    assert [r.state for r in found] == ["done", "failed", "failed"]
    assert [r.detail for r in found][:2] == ["Well.", "It is broken. Mend it."]


def test_a_job_that_is_not_there(project: Project) -> None:
    with pytest.raises(ConfigError, match=r"no job 'x'.*nightly"):
        schedule.job(project, "x")


def test_the_worker_asks_what_is_due(
    project: Project, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def kind(_: Project) -> str:
        done.append("x")
        return "Well."

    monkeypatch.setattr(work, "KINDS", {"scan": kind})
    said: list[str] = []
    with closing(work.Worker(project, said.append)) as worker:
        (one,) = worker.jobs.values()
        assert not worker.is_due(one)  # it was just seen
        assert worker.attempt(one) is None
        worker.huey.put(work._seen(one), (datetime.now(UTC) - timedelta(days=3)).isoformat())
        # Huey asks, queues, and its worker takes it from the queue; twice queued it runs once.
        for _ in range(2):
            for task in worker.huey.read_periodic(None):
                worker.huey.enqueue(task)
        for _ in range(2):
            worker.huey.execute(worker.huey.dequeue())
        assert worker.huey.dequeue() is None
        assert done == ["x"]
        assert worker.running is None
    assert said == ["nightly: began", "nightly: done. Well."]
    with closing(work.Worker(project, said.append)) as worker:
        assert not worker.is_due(next(iter(worker.jobs.values())))


def test_the_queue_is_not_pickled() -> None:
    """Who can write to the database must not be able to run code in the worker."""
    from huey.registry import Message

    plain = work._plain()
    sent = plain.serialize(Message("1", "job", None, 0, 0, None, (), {}))
    assert sent == b'{"task": ["1", "job"]}'
    back = plain.deserialize(memoryview(sent))
    assert (back.id, back.name, back.args, back.kwargs) == ("1", "job", (), {})
    assert plain.deserialize(plain.serialize("text")) == "text"
    with pytest.raises(ValueError, match=r"decode|Expecting"):
        plain.deserialize(b"\x80\x04.")


def test_every_kind_of_the_settings_is_there() -> None:
    from sharedline.project import JOBS

    assert set(kinds.KINDS) == set(JOBS)
