"""The worker as a process: killed in a job, stopped, started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.listener import Listener

from sharedline.jobs import asked, runs, schedule, work, workers
from sharedline.project import open_project
from sharedline.state.database import Database


@pytest.fixture
def place(folder: Path, database_url: str, listener: Listener) -> Path:
    """A project whose digest has been due for a day, told to a listener."""
    (folder / "sharedline.toml").write_text(
        f'database = "{database_url}"\n[notify]\nadmins = ["json://{listener.place}/a"]\n'
        '[jobs.news]\nrun = "digest"\nat = "hourly"\n'
    )
    project = open_project(folder)
    huey = work.queue(project)
    seen = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    huey.put(work._seen(schedule.job(project, "news")), seen)
    huey.storage.close()
    return folder


@contextmanager
def working(folder: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "sharedline", "jobs", "work", "--dir", str(folder), *more]
    worker = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        yield worker
    finally:
        worker.kill()
        worker.communicate()


def _wait(true: Callable[[], object]) -> None:
    end = time.monotonic() + 90
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def _states(folder: Path) -> list[str]:
    with closing(Database(open_project(folder).database_url)) as database:
        return [r.state for r in runs.runs(database)]


def test_a_kill_in_a_job_is_seen_and_the_job_runs_again(place: Path, listener: Listener) -> None:
    listener.go.clear()
    with working(place) as worker:
        assert listener.came.wait(90)
        assert _states(place) == ["running"]
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    assert _states(place) == ["running"]  # nobody was there to say otherwise
    _forget(place)
    listener.go.set()
    with working(place) as worker:
        _wait(lambda: _states(place) == ["lost", "done"])
        worker.send_signal(signal.SIGTERM)
        _, said = worker.communicate(timeout=60)
        assert worker.returncode == 0, said
    assert "Traceback" not in said
    assert "news: done. 1 sent, 0 told before." in said
    assert len(listener.got) == 2  # the one under way was told twice, no more


def _forget(folder: Path) -> None:
    """Ages the reservation of the notice that was being sent, so that the test need not wait."""
    import sqlalchemy as sa

    from sharedline.state.tables import SENT

    with (
        closing(Database(open_project(folder).database_url)) as database,
        database.begin() as connection,
    ):
        old = datetime.now(UTC) - timedelta(hours=1)
        assert connection.execute(sa.update(SENT).values(at=old)).rowcount == 1


def test_sigterm_waits_for_the_job(place: Path, listener: Listener) -> None:
    listener.go.clear()
    with working(place) as worker:
        assert listener.came.wait(90)
        worker.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert worker.poll() is None
        listener.go.set()
        _, said = worker.communicate(timeout=60)
        assert worker.returncode == 0, said
    assert _states(place) == ["done"]


def test_without_patience_the_job_is_lost(place: Path, listener: Listener) -> None:
    listener.go.clear()
    with working(place, "--patience", "0.1") as worker:
        assert listener.came.wait(90)
        worker.send_signal(signal.SIGTERM)
        _, said = worker.communicate(timeout=60)
        assert worker.returncode == 3, said
    assert "is lost" in said
    assert _states(place) == ["lost"]


def test_what_is_asked_for_is_run_and_the_worker_is_seen(place: Path, listener: Listener) -> None:
    with closing(Database(open_project(place).database_url)) as database:
        with database.begin() as connection:
            asked.ask(connection, "news", "Ann", datetime.now(UTC))
        with working(place) as worker:
            _wait(lambda: "Ann" in [r.by for r in runs.runs(database) if r.state == "done"])
            (here,) = workers.workers(database)
            assert here.pid == worker.pid
            assert here.jobs == ("seen:news:digest:hourly",)
            worker.send_signal(signal.SIGTERM)
            _, said = worker.communicate(timeout=60)
            assert worker.returncode == 0, said
        assert "news: began, as it was asked for" in said
        assert workers.workers(database) == []
        assert asked.waiting(database) == []
