"""The pages of jobs: the schedule, the worker, the queue, runs; asking for one; the API."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.web.conftest import Visitor, token_in

from sharedline.jobs import asked, runs, work, workers
from sharedline.people import accounts, tokens
from sharedline.project import open_project
from sharedline.state.tables import AUDIT, SENT
from sharedline.web.site import Site, now

JOBS = """
[jobs.nightly]
run = "scan"
at = "daily 02:00"
[jobs.news]
run = "digest"
at = "weekly mon 08:00"
"""
HOSTILE = "<script>alert(1)</script>\u202egnp"


@pytest.fixture(autouse=True)
def _scheduled(folder: Path) -> None:
    (folder / "sharedline.toml").write_text(JOBS)


@pytest.fixture
def working(site: Site) -> Iterator[workers.Presence]:
    """A worker that is there, and read the schedule of the scan only."""
    one = workers.me(["seen:nightly:scan:daily 02:00"], now())
    workers.beat(site.database, one, now())
    yield one
    workers.leave(site.database, one)


def _audited(site: Site) -> list[tuple[str, str, str]]:
    with site.database.read() as connection:
        found = connection.execute(AUDIT.select().order_by(AUDIT.c.id)).all()
    return [(r.who, r.action, r.target) for r in found if r.action.startswith("job.")]


def _post(client: TestClient, path: str) -> tuple[int, str]:
    csrf = token_in(client.get("/account").text)
    answer = client.post(path, data={"csrf": csrf})
    return answer.status_code, answer.headers.get("location", answer.text)


def test_the_schedule_the_runs_and_no_worker(site: Site, visit: Visitor) -> None:
    number = runs.start(site.database, "nightly", "schedule", now() - timedelta(hours=2))
    runs.end(site.database, number, "failed", "The role may not be assumed. Check it.")
    page = visit("auditor").get("/jobs").text
    assert "No worker is running" in page
    assert "sharedline jobs work" in page
    assert "once a worker runs" in page
    assert "daily 02:00" in page
    assert page.count("The role may not be assumed. Check it.") == 2  # of the job, and of the run
    assert "Scans by the settings" in page
    assert "Run now" not in page  # an auditor reads
    assert "Nothing runs, and nothing waits." in page
    assert "/jobs/nightly/run" in visit("editor").get("/jobs").text
    assert not (site.project.folder / "jobs.db").exists()  # looking makes no queue


@pytest.mark.parametrize("path", ["/jobs", "/jobs/notices", "/jobs/integrations"])
def test_who_may_look(visit: Visitor, path: str) -> None:
    for role, status in (("admin", 200), ("editor", 200), ("auditor", 200), ("owner", 403)):
        client = visit(role)
        assert client.get(path).status_code == status, role
        assert ('href="/jobs"' in client.get("/summary").text) == (status == 200)


def test_run_now_waits_for_a_worker_and_only_once(site: Site, visit: Visitor) -> None:
    client = visit("editor")
    status, where = _post(client, "/jobs/nightly/run")
    assert (status, where) == (303, "/jobs?asked=nightly")
    page = client.get(where).text
    assert "nightly is in the queue. No worker is running: it waits until one is started." in page
    assert "/jobs/nightly/withdraw" in page
    assert "/jobs/nightly/run" not in page  # it waits already
    status, told = _post(visit("admin"), "/jobs/nightly/run")
    assert status == 409
    assert "nightly waits in the queue already. A worker takes it once." in told
    assert [(r.job, r.by) for r in asked.waiting(site.database)] == [("nightly", "editor")]
    assert runs.runs(site.database) == []  # nothing ran in this process
    assert _audited(site) == [("editor", "job.ask", "nightly")]


def test_taking_it_back(site: Site, visit: Visitor) -> None:
    client = visit("admin")
    _post(client, "/jobs/news/run")
    assert _post(client, "/jobs/news/withdraw") == (303, "/jobs")
    assert asked.waiting(site.database) == []
    status, told = _post(client, "/jobs/news/withdraw")
    assert status == 409
    assert "It waits no more" in told
    assert [a for _, a, _ in _audited(site)] == ["job.ask", "job.withdraw"]


def test_who_may_not_and_forms_from_elsewhere(site: Site, visit: Visitor) -> None:
    for role in ("auditor", "owner"):
        assert _post(visit(role), "/jobs/nightly/run")[0] == 403
        assert _post(visit(role), "/jobs/nightly/withdraw")[0] == 403
    client = visit("admin")
    for data in ({}, {"csrf": "guessed"}):
        answer = client.post("/jobs/nightly/run", data=data)
        assert answer.status_code == 403
        assert "expired" in answer.text
    assert _post(client, "/jobs/no-such/run")[0] == 404
    assert _post(client, "/jobs/%00/run")[0] == 404
    assert _post(client, "/jobs/%00/withdraw")[0] == 409
    assert asked.waiting(site.database) == []
    assert _audited(site) == []


def test_an_address_alone_says_nothing(visit: Visitor) -> None:
    page = visit("admin").get("/jobs", params={"asked": "Your <b>session</b> ended"}).text
    assert "session" not in page.split("<main")[1]


def test_a_worker_that_runs(site: Site, visit: Visitor, working: workers.Presence) -> None:
    client = visit("admin")
    page = client.get("/jobs").text
    assert f"A worker is running on <b>{working.host}</b>" in page
    assert page.count("not read yet: start the worker anew") == 1  # of the digest
    _post(client, "/jobs/news/run")
    assert "looks for it once a minute" in client.get("/jobs?asked=news").text
    runs.start(site.database, "nightly", "Ann", now())
    assert "▸</i> running" in client.get("/jobs").text
    page = client.get("/jobs", params={"state": "running"}).text
    assert "1" in page.split("running</a> <i>")[1][:2]


def test_a_worker_that_fell_silent_is_not_known_to_run(site: Site, visit: Visitor) -> None:
    one = workers.me([], now() - timedelta(hours=1))
    workers.beat(site.database, one, now() - timedelta(minutes=10))
    runs.start(site.database, "nightly", "Ann", now() - timedelta(minutes=11))
    page = visit("auditor").get("/jobs").text
    assert "Whether a worker is running is not known." in page
    assert f"process {one.pid}" in page
    assert "began, not known to run" in page
    assert "▸" not in page


def test_a_job_whose_time_has_come(site: Site, visit: Visitor) -> None:
    with closing(work.Worker(open_project(site.project.folder), lambda _: None)) as worker:
        before = (datetime.now(UTC) - timedelta(days=9)).isoformat()
        worker.huey.put("seen:nightly:scan:daily 02:00", before)
        for task in worker.huey.read_periodic(None):
            worker.huey.enqueue(task)
        workers.leave(site.database, worker.presence)
    page = visit("auditor").get("/jobs").text
    assert "due since" in page
    assert "its time has come" in page
    assert "this waits until one is started" in page


def test_a_queue_that_cannot_be_read_is_not_known(site: Site, visit: Visitor) -> None:
    (site.project.folder / "jobs.db").write_bytes(b"garbage" * 1000)
    page = visit("auditor").get("/jobs").text
    assert "The queue of the workers cannot be read" in page
    assert "whether a job’s time has come is not known" in page
    assert "Nothing runs, and nothing waits." not in page


def test_a_schedule_that_is_broken(site: Site, visit: Visitor) -> None:
    number = runs.start(site.database, "nightly", "schedule", now())
    runs.end(site.database, number, "done", "Scan 7: 3 unmet.")
    (site.project.folder / "sharedline.toml").write_text(JOBS.replace("daily 02:00", "sometimes"))
    client = visit("admin")
    page = client.get("/jobs").text
    assert "The schedule is not known" in page
    assert "at does not say when" in page
    assert "Scan 7: 3 unmet." in page  # what is known is shown
    status, told = _post(client, "/jobs/nightly/run")
    assert status == 400
    assert "at does not say when" in told
    for path in ("/jobs/notices", "/jobs/integrations"):
        assert "at does not say when" in client.get(path).text
    assert asked.waiting(site.database) == []


def test_nothing_is_scheduled(site: Site, visit: Visitor) -> None:
    (site.project.folder / "sharedline.toml").unlink()
    page = visit("editor").get("/jobs").text
    assert "No job is scheduled." in page
    assert "[jobs.nightly]" in page
    assert "No job ever ran." in page


def test_names_that_mean_harm(site: Site, visit: Visitor) -> None:
    number = runs.start(site.database, HOSTILE, HOSTILE, now())
    runs.end(site.database, number, "done", HOSTILE)
    with site.database.begin() as connection:
        asked.ask(connection, "news", HOSTILE, now())
        connection.execute(
            SENT.insert().values(
                key=f"digest:{HOSTILE}@x", kind="digest", subject=HOSTILE, at=now()
            )
        )
    (site.project.folder / "sharedline.toml").write_text(
        f'{JOBS}[notify]\nteams = {{ "<script>alert(2)</script>" = ["json://localhost"] }}\n'
    )
    client = visit("admin")
    for path in ("/jobs", "/jobs/notices", "/jobs/integrations", "/jobs?job=<script>alert(3)"):
        page = client.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "\u202e" not in page.text
    assert client.get("/jobs", params={"job": HOSTILE}).status_code == 400


def test_runs_are_chosen_and_come_in_pages(site: Site, visit: Visitor) -> None:
    for n in range(60):
        number = runs.start(site.database, "nightly", "schedule", now() - timedelta(hours=n))
        runs.end(site.database, number, "done", f"Scan number {n}.")
    number = runs.start(site.database, "news", "Ann", now())
    runs.end(site.database, number, "failed", "Nobody is named to tell.")
    client = visit("auditor")
    assert client.get("/jobs").text.count("Scan number") == 50  # 49, and the job's own last
    second = client.get("/jobs?page=2").text
    assert "Page 2 of 2" in second
    assert "Scan number 59." in second
    chosen = client.get("/jobs?job=nightly&state=done&page=2").text
    assert 'href="/jobs?job=nightly&amp;state=done&amp;page=1"' in chosen
    assert "No run is like that." in client.get("/jobs?job=nobody").text
    assert client.get("/jobs?page=0").status_code == 422


def _token(site: Site, name: str) -> dict[str, str]:
    with site.database.begin() as connection:
        person = accounts.get(connection, name)
        assert person is not None
        return {"authorization": f"Bearer {tokens.make(connection, person, 't', 1, now())[1]}"}


def test_programs_read_and_ask(site: Site, visit: Visitor, working: workers.Presence) -> None:
    client, admin, auditor = visit(), _token(site, "admin"), _token(site, "auditor")
    answer = client.post("/api/v1/jobs/nightly/run", headers=admin)
    assert answer.status_code == 202
    assert answer.json()["worker"] == "running"
    assert answer.json()["by"] == "admin"
    again = client.post("/api/v1/jobs/nightly/run", headers=admin)
    assert again.status_code == 409
    assert "waits in the queue already" in again.json()["error"]
    assert client.post("/api/v1/jobs/nightly/run", headers=auditor).status_code == 403
    assert client.post("/api/v1/jobs/other/run", headers=admin).status_code == 404
    body = client.get("/api/v1/jobs", headers=auditor).json()
    nightly, news = body["jobs"]
    assert (nightly["name"], nightly["run"], nightly["due"]) == ("nightly", "scan", False)
    assert (nightly["read"], news["read"]) == (True, False)
    assert nightly["waiting"]["by"] == "admin"
    assert (nightly["last"], news["waiting"]) == (None, None)
    assert body["worker"]["host"] == working.host
    assert [w["job"] for w in body["waiting"]] == ["nightly"]
    assert body["queued"] == []
    assert client.delete("/api/v1/jobs/nightly/run", headers=admin).status_code == 204
    assert client.delete("/api/v1/jobs/nightly/run", headers=admin).status_code == 404
    assert [a for _, a, _ in _audited(site)] == ["job.ask", "job.withdraw"]


def test_programs_read_the_runs(site: Site, visit: Visitor) -> None:
    for state in ("done", "failed"):
        number = runs.start(site.database, "nightly", "Ann", now())
        runs.end(site.database, number, state, "It was so.")
    client, auditor = visit(), _token(site, "auditor")
    body = client.get("/api/v1/jobs/runs?job=nightly&state=failed", headers=auditor).json()
    assert (body["total"], body["page"], body["pages"]) == (1, 1, 1)
    assert body["runs"][0]["detail"] == "It was so."
    assert client.get("/api/v1/jobs/runs?state=odd", headers=auditor).status_code == 422
    (site.project.folder / "sharedline.toml").write_text("[jobs]\nx = 1\n")
    broken = client.get("/api/v1/jobs", headers=auditor)
    assert broken.status_code == 400
    assert "[jobs.x]" in broken.json()["error"]
    assert client.get("/api/v1/jobs/runs", headers=auditor).json()["total"] == 2
    assert client.get("/api/v1/jobs", headers=_token(site, "owner")).status_code == 403


def test_what_was_asked_for_is_done_by_a_worker(
    site: Site, visit: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the button to the outcome, the worker being another than who asked."""
    monkeypatch.setattr(work, "KINDS", {"scan": lambda _: f"Done, not by {os.getppid()}."})
    client = visit("editor")
    _post(client, "/jobs/nightly/run")
    with closing(work.Worker(open_project(site.project.folder), lambda _: None)) as worker:
        assert worker.attempt_asked() is not None
    page = client.get("/jobs").text
    assert "Done, not by" in page
    assert "by editor" in page
    assert "/jobs/nightly/run" in page  # it may be asked for again
