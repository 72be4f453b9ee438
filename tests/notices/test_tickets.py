"""Issues for findings against a server that speaks Jira: once, claimed when done, never verified."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.listener import Listener
from tests.notices.fake_jira import FakeJira

from sharedline.errors import ConfigError, Error
from sharedline.inventory.lake import Lake
from sharedline.notices import jira as api
from sharedline.notices import opening
from sharedline.notices.jira import Jira, Settings
from sharedline.notices.settings import Audience
from sharedline.notices.tickets import fingerprint, sync, tickets, untold, wanted
from sharedline.project import Project, open_project
from sharedline.results import Results
from sharedline.state import State
from sharedline.state.database import Database
from sharedline.state.tables import TICKET

CHECK = "s3/bucket_versioning_on"
OTHER = "arn:aws:s3:::other"
ACCOUNT = "123456789012"


@pytest.fixture
def fake(listener: Listener) -> FakeJira:
    return FakeJira(listener)


@pytest.fixture
def tracker(fake: FakeJira) -> Iterator[Jira]:
    with closing(Jira(Settings(fake.url, "SEC", "t0ken"), patience=5)) as found:
        yield found


@pytest.fixture
def project(folder: Path, database_url: str) -> Project:
    return replace(open_project(folder), database=database_url)


@pytest.fixture
def database(project: Project) -> Iterator[Database]:
    with closing(Database(project.database_url)) as found:
        yield found


def _results(project: Project, number: int = -1, days: int = 0) -> Results:
    """A scan of the project (the newest), as if it were made so many days from now."""
    lake = Lake(project.lake_url)
    manifest = lake.scans()[number]
    at = datetime.now(UTC) + timedelta(days=days) if days else manifest.as_of
    return Results(lake, replace(manifest, as_of=at), project)


def _open(project: Project, tracker: Jira, database: Database, number: int = -1) -> list[str]:
    with closing(_results(project, number).duck):
        results = _results(project, number)
    found = untold(database, wanted(results))
    return [a.what for a in opening.open_for(results, found, tracker, database, Audience())]


def _sync(project: Project, tracker: Jira, database: Database, **scan: int) -> list[str]:
    return [act.what for act in sync(project, _results(project, **scan), tracker, database)]


def test_an_issue_is_opened_once(
    project: Project, tracker: Jira, database: Database, fake: FakeJira
) -> None:
    assert _open(project, tracker, database) == ["opened"]
    assert _open(project, tracker, database) == []
    (issue,) = fake.issues.values()
    assert issue.fields["summary"].endswith(": other")
    assert issue.fields["project"] == {"key": "SEC"}
    assert issue.fields["issuetype"] == {"name": "Task"}
    assert issue.fields["labels"] == [
        "sharedline", fingerprint(CHECK, OTHER, ACCOUNT), "owner-data",
    ]  # fmt: skip
    assert OTHER in issue.fields["description"]
    assert "Only the next scan" in issue.fields["description"]
    (row,) = tickets(database)
    assert (row.key, row.state, row.url) == ("SEC-1", "open", f"{fake.url}/browse/SEC-1")


def test_one_that_jira_knows_is_taken(
    project: Project, tracker: Jira, database: Database, fake: FakeJira
) -> None:
    """As after a crash between Jira's answer and ours."""
    _open(project, tracker, database)
    with database.begin() as connection:
        connection.execute(TICKET.delete())
    assert _open(project, tracker, database) == ["found"]
    assert list(fake.issues) == ["SEC-1"]


def test_one_being_opened_elsewhere_is_left(
    project: Project, tracker: Jira, database: Database, fake: FakeJira
) -> None:
    fake.blind = True
    (finding,) = wanted(_results(project))
    other = opening._Held(database, finding)
    assert other.reserve()
    assert _open(project, tracker, database) == []
    with database.begin() as connection:  # its process died long ago
        connection.execute(sa.update(TICKET).values(created=datetime.now(UTC) - opening.LEASE))
    assert _open(project, tracker, database) == ["opened"]


def test_a_failure_leaves_nothing_reserved(
    project: Project, tracker: Jira, database: Database, fake: FakeJira
) -> None:
    fake.listener.answer = lambda *_: (500, {}, b"")
    with pytest.raises(Error, match=r"Jira failed \(500\)"):
        _open(project, tracker, database)
    assert tickets(database) == []
    fake.listener.answer = fake.answer
    assert _open(project, tracker, database) == ["opened"]


def test_done_is_claimed_and_a_scan_verifies(
    project: Project, tracker: Jira, database: Database, fake: FakeJira
) -> None:
    _open(project, tracker, database)
    assert _sync(project, tracker, database) == []
    fake.issues["SEC-1"].status = "Done"
    assert _sync(project, tracker, database) == ["claimed"]
    assert _sync(project, tracker, database) == []
    with closing(State(project.database_url)) as state:
        (said,) = state.claims()
    assert (said.check, said.resource, said.by) == (CHECK, OTHER, "jira:SEC-1")
    assert [t.state for t in tickets(database)] == ["claimed"]
    assert fake.issues["SEC-1"].comments == []
    _mended(project)
    assert _sync(project, tracker, database, days=1) == ["verified"]
    assert _sync(project, tracker, database, days=1) == []
    (comment,) = fake.issues["SEC-1"].comments
    assert comment.startswith("Verified: the scan of ")


def _mended(project: Project) -> None:
    """Rewrites the newest scan's findings as met."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    lake = Lake(project.lake_url)
    for path in lake.files(lake.scans()[-1], "findings", "finding"):
        table = pq.read_table(path)
        rows = [{**r, "status": "met", "ok": True} for r in table.to_pylist()]
        pq.write_table(pa.Table.from_pylist(rows, table.schema), path)


def test_an_old_scan_verifies_nothing(
    project: Project, tracker: Jira, database: Database, fake: FakeJira
) -> None:
    _open(project, tracker, database)
    _mended(project)
    assert _sync(project, tracker, database) == []


def test_done_but_unmet_is_reopened(
    project: Project, tracker: Jira, database: Database, fake: FakeJira
) -> None:
    _open(project, tracker, database)
    fake.issues["SEC-1"].status = "Done"
    assert _sync(project, tracker, database) == ["claimed"]
    assert _sync(project, tracker, database, days=1) == ["reopened"]
    assert fake.issues["SEC-1"].status == "To Do"
    assert "is still unmet" in fake.issues["SEC-1"].comments[0]
    assert _sync(project, tracker, database, days=2) == []


def test_where_jira_has_no_way_back_it_is_said_once(
    project: Project, tracker: Jira, database: Database, fake: FakeJira
) -> None:
    _open(project, tracker, database)
    fake.ways = ("Done",)
    fake.issues["SEC-1"].status = "Done"
    assert _sync(project, tracker, database) == ["claimed"]
    assert _sync(project, tracker, database, days=1) == ["disputed"]
    assert _sync(project, tracker, database, days=2) == []
    assert len(fake.issues["SEC-1"].comments) == 1
    fake.issues["SEC-1"].status = "In Progress"
    assert _sync(project, tracker, database, days=2) == ["resumed"]
    fake.issues["SEC-1"].status = "Done"
    assert _sync(project, tracker, database, days=2) == ["claimed"]


def test_a_verified_one_that_is_unmet_again(
    project: Project, tracker: Jira, database: Database, fake: FakeJira
) -> None:
    _open(project, tracker, database)
    fake.issues["SEC-1"].status = "Done"
    with database.begin() as connection:
        connection.execute(sa.update(TICKET).values(state="verified"))
    assert _sync(project, tracker, database, days=1) == ["reopened"]
    assert "is unmet again" in fake.issues["SEC-1"].comments[0]


def test_one_that_is_gone_is_asked_for_once(
    project: Project, tracker: Jira, database: Database, fake: FakeJira
) -> None:
    _open(project, tracker, database)
    fake.issues.clear()
    assert _sync(project, tracker, database) == ["gone"]
    assert _sync(project, tracker, database) == []


def test_nasty_names_are_only_text(project: Project) -> None:
    results = _results(project)
    finding = replace(wanted(results)[0], resource="arn:x/{noformat}[~admin]\nh1. Big|x@everyone")
    made = opening.draft(results, finding, Audience())
    assert "\n" not in made.summary
    assert made.description.count("{noformat}") == 2
    assert "\nh1." not in made.description


def test_users_and_tokens(fake: FakeJira) -> None:
    with closing(Jira(Settings(fake.url, "SEC", "t0ken"), patience=5)):
        assert fake.listener.headers[-1]["authorization"] == "Bearer t0ken"
    with closing(Jira(Settings(fake.url, "SEC", "t0ken", user="ann"), patience=5)):
        sent = fake.listener.headers[-1]["Authorization"].split()[1]
        assert base64.b64decode(sent) == b"ann:t0ken"


def test_jira_in_the_cloud_is_searched_by_its_own_way(fake: FakeJira) -> None:
    fake.cloud = True
    with closing(Jira(Settings(fake.url, "SEC", "t0ken", user="ann"), patience=5)) as cloud:
        assert cloud.labelled("sharedline-x") is None


WRONG: list[tuple[Any, str, str]] = [
    ((401, {}, b""), r"does not let this user in \(401\)", "token"),
    ((403, {}, b"{}"), r"does not allow this \(403\)", "rights"),
    ((429, {"Retry-After": "7"}, b""), r"asked less \(429\)", "in 7 s"),
    ((429, {}, b""), r"asked less \(429\)", "later"),
    ((500, {}, b"<html>"), r"Jira failed \(500\)", "later"),
    ((503, {}, b""), r"Jira failed \(503\)", "later"),
    (
        (400, {}, b'{"errors": {"issuetype": "Unknown\\ntype"}}'),
        r"refuses.*\(400\): Unknown type",
        "",
    ),
    ((200, {}, b"<html>Sign in"), "makes no sense", "server"),
    ((200, {}, b'{"issues": [{"key": "A"}], "total": 1}'), "makes no sense", "server"),
    ((200, {}, b"[]"), "makes no sense", "server"),
]


@pytest.mark.parametrize(("reply", "said", "advice"), WRONG, ids=[str(w[0])[:40] for w in WRONG])
def test_what_jira_refuses_is_a_sentence(
    fake: FakeJira, tracker: Jira, reply: Any, said: str, advice: str
) -> None:
    fake.listener.answer = lambda *_: reply
    with pytest.raises(Error, match=said) as raised:
        tracker.labelled("x")
    assert advice in raised.value.advice
    assert "\n" not in str(raised.value)
    assert "t0ken" not in str(raised.value)


def test_a_server_that_is_away_or_slow(fake: FakeJira) -> None:
    with pytest.raises(Error, match="cannot be reached"):
        Jira(Settings("http://127.0.0.1:9", "SEC", "t0ken"), patience=1)
    fake.listener.go.clear()
    with pytest.raises(Error, match="did not answer in time"):
        Jira(Settings(fake.url, "SEC", "t0ken"), patience=0.2)
    fake.listener.go.set()
    fake.listener.answer = lambda *_: (200, {}, b'{"versionNumbers": 3')
    with pytest.raises(Error, match="makes no sense"):
        Jira(Settings(fake.url, "SEC", "t0ken"), patience=1)


def test_settings_say_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="lacks server, project, token"):
        api.settings(open_project(tmp_path))
    (tmp_path / "sharedline.toml").write_text(
        '[jira]\nserver = "https://j.example.org/"\nproject = "SEC"\ntoken = "env:J_TOKEN"\n'
    )
    monkeypatch.setenv("J_TOKEN", "abc")
    found = api.settings(open_project(tmp_path))
    assert (found.server, found.token, found.limit) == ("https://j.example.org", "abc", 20)
