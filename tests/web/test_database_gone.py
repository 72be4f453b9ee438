"""A database that breaks while pages are served: 503 and a sentence; where it lies, the log only."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests import databases
from tests.web.conftest import PASSWORD, Visitor, token_in

from sharedline.errors import Error, Unavailable
from sharedline.people import accounts
from sharedline.people.model import Role
from sharedline.project import Project
from sharedline.state import Claim, keep_claim
from sharedline.state import database as state
from sharedline.state.database import Database
from sharedline.web import site as sites
from sharedline.web.site import Site

ROLES = ("admin", "editor", "owner", "auditor")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hidden-place.db'}"


@pytest.fixture
def site(tmp_path: Path, url: str) -> Iterator[Site]:
    """A project without a scan, somebody of each role in it."""
    with closing(Site(Project(tmp_path, database=url), Database(url))) as made:
        with made.database.begin() as connection:
            for role in ROLES:
                accounts.add(connection, role, "", "", Role(role), (), PASSWORD)
        yield made


def _garbage(path: Path) -> None:
    path.write_bytes(b"nothing of a database" * 400)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _told(client: TestClient, *hidden: str) -> None:
    """Every answer is a 503 that hides where the database is."""
    for path in ("/account", "/sign-in", "/exercises", "/api/v1/gaps"):
        answer = client.get(path)
        assert answer.status_code == 503, (path, answer.text)
        assert answer.headers["retry-after"]
        assert "The database cannot be" in answer.text
        assert answer.text.count("Try again in a minute") == 1
        for word in (*hidden, "Traceback", "sqlite", "postgres", "psycopg"):
            assert word not in answer.text, (path, word)
    answer = client.get("/api/v1/gaps", headers={"authorization": "Bearer shl_some"})
    assert answer.status_code == 503
    assert answer.json()["error"].startswith("The database cannot be")


@pytest.mark.parametrize("broken", [_garbage, _folder])
def test_a_file_that_is_no_database_any_more(
    site: Site, tmp_path: Path, visit: Visitor, broken: Callable[[Path], None],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    browsers = [visit(role) for role in ROLES]
    site.database.engine.dispose()
    for old in tmp_path.glob("hidden-place.db-*"):
        old.unlink()
    broken(tmp_path / "hidden-place.db")
    for browser in browsers:
        with caplog.at_level(logging.ERROR, "sharedline.web"):
            _told(browser, str(tmp_path), "hidden-place")
    assert str(tmp_path / "hidden-place.db") in caplog.text


def test_another_writer_that_does_not_end(
    site: Site, tmp_path: Path, visit: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = visit("owner")
    form = {"csrf": token_in(browser.get("/account").text), "purpose": "build", "days": "3"}
    site.database.engine.dispose()
    monkeypatch.setattr(state, "PATIENCE", 50)
    other = sqlite3.connect(tmp_path / "hidden-place.db", isolation_level=None)
    with closing(other):
        other.execute("begin immediate")
        assert browser.get("/account").status_code == 200, "readers do not wait for a writer"
        answer = browser.post("/account/tokens", data=form)
        assert answer.status_code == 503
        assert "The database cannot be written." in answer.text
        other.execute("rollback")
    assert browser.post("/account/tokens", data=form).status_code == 200


def test_a_database_that_can_be_read_only(
    site: Site, tmp_path: Path, visit: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has signed in reads on, though nobody can note that."""
    browser = visit("owner")
    form = {"csrf": token_in(browser.get("/account").text), "purpose": "build", "days": "3"}
    with closing(site.database):
        site.database = Database(f"sqlite:///file:{tmp_path}/hidden-place.db?mode=ro&uri=true")
    at = sites.now() + timedelta(minutes=5)
    monkeypatch.setattr(sites, "now", lambda: at)
    assert browser.get("/account").status_code == 200
    answer = browser.post("/account/tokens", data=form)
    assert answer.status_code == 503
    assert "The database cannot be written." in answer.text
    assert "hidden-place" not in answer.text


def test_a_folder_that_is_not_ours_to_write(
    site: Site, tmp_path: Path, visit: Visitor, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """Whatever page meets it; the path is in the log."""

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(tmp_path / "secret-folder"))

    monkeypatch.setattr("sharedline.web.pages.account._page", refused)
    browser = visit("owner")
    with caplog.at_level(logging.ERROR, "sharedline.web"):
        answer = browser.get("/account")
    assert answer.status_code == 503
    assert "cannot be read or written" in answer.text
    assert "secret-folder" not in answer.text
    assert "secret-folder" in caplog.text


def test_a_server_that_stops_and_comes_back(
    site: Site, visit: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    with databases.postgresql() as server:
        known = server.replace("test@", "test:geheim%21@")
        before = site.database
        with closing(Database(known)) as kept:
            site.database = kept
            site.project = replace(site.project, database=known)
            with kept.begin() as connection:
                for role in ROLES:
                    accounts.add(connection, role, "", "", Role(role), (), PASSWORD)
            browsers = [visit(role) for role in ROLES]
            with databases.stopped(server), caplog.at_level(logging.ERROR, "sharedline.web"):
                for browser in browsers:
                    _told(browser, "sharedline-pg", "geheim", "test@")
            assert "sharedline-pg" in caplog.text
            assert "geheim" not in caplog.text
            for browser in browsers:
                assert browser.get("/account").status_code == 200
        site.database = before


def test_the_drivers_words_hide_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    url = "postgresql://ann:so%20geheim@db.example/x"
    for said in ("no: ann:so%20geheim@db", "password='so geheim' host=db", "so+geheim"):
        error = OperationalError("select 1", {}, Exception(said))
        told = state._detail(url, error)
        assert "geheim" not in told
        assert "db.example" in told
    broken = state._detail("no address: geheim", ValueError("geheim"))
    assert "geheim" not in broken


def test_what_a_database_cannot_keep_is_no_failure_of_it(postgresql: str) -> None:
    """Else whoever writes nonsense would be told to try again."""
    with databases.fresh(postgresql) as url, closing(Database(url)) as database:
        bad = Claim("a\0b", "", "ann", "", sites.now())
        with pytest.raises(Error, match="cannot keep"), database.begin() as connection:
            keep_claim(connection, bad)
        with pytest.raises(Unavailable, match="cannot be read"), database.read() as connection:
            connection.exec_driver_sql("select * from there_is_none")
