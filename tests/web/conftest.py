"""A scanned project served in this process, and browsers of each role."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient
from tests.scanned import twice
from tests.web.programs import Program, programs

from sharedline.browse import indexes
from sharedline.people import accounts, passwords
from sharedline.people.model import Role
from sharedline.project import open_project
from sharedline.state.database import Database
from sharedline.web.app import create_app
from sharedline.web.site import Site

PASSWORD = "a long enough phrase"
#: The team that owns S3 in the scanned project; the account is moto's.
TEAM, ACCOUNT = "data", "123456789012"

Visitor = Callable[..., TestClient]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scan is seen as soon as it is there; who reads waits two seconds."""
    monkeypatch.setattr(indexes, "LOOK", 0.0)


@pytest.fixture(scope="session")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project scanned twice; never written to."""
    folder = tmp_path_factory.mktemp("scanned")
    with twice(folder, (20, 21)):
        pass
    return folder


@pytest.fixture
def folder(scanned: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    copy = tmp_path / "project"
    shutil.copytree(scanned, copy)
    return copy


@pytest.fixture(scope="session", autouse=True)
def _cheap() -> Iterator[None]:
    """Hashes that take a thousandth of the work; tests of `people` are about the real ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(1, 8, 1))
        passwords._nobody.cache_clear()
        yield


@pytest.fixture
def bare(tmp_path: Path, database_url: str) -> Path:
    """A project without a scan, on each kind of database."""
    made = tmp_path / "project"
    made.mkdir()
    (made / "sharedline.toml").write_text(f'database = "{database_url}"\n')
    return made


def _add_people(database: Database) -> None:
    """One person of each role, named by it."""
    with database.begin() as connection:
        for role in ("admin", "editor", "owner", "auditor"):
            teams = (TEAM,) if role == "owner" else ()
            accounts.add(
                connection, role, role.title(), f"{role}@example.org", Role(role), teams, PASSWORD
            )


@pytest.fixture(scope="session")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with those people; copied, never written to."""
    path = tmp_path_factory.mktemp("peopled") / "state.db"
    with closing(Database(f"sqlite:///{path}")) as database:
        _add_people(database)
    return path


@pytest.fixture
def site(folder: Path, peopled: Path) -> Iterator[Site]:
    """The site over it, with those people."""
    project, own = open_project(folder), folder / "state.db"
    copied = project.database_url == f"sqlite:///{own}"
    if copied:
        shutil.copy(peopled, own)
    with closing(Site(project, Database(project.database_url))) as made:
        if not copied:  # the test has a database of its own
            _add_people(made.database)
        yield made


@pytest.fixture
def program(site: Site) -> Program:
    """`program("admin")` gives a client with a token of the person of that name."""
    return programs(site)


@pytest.fixture
def visit(site: Site) -> Iterator[Visitor]:
    """`visit("owner")` gives a browser that has signed in; `visit()` one that has not."""
    app = create_app(site)
    opened = []

    def one(name: str = "") -> TestClient:
        client = TestClient(app, base_url="http://testserver", follow_redirects=False)
        opened.append(client)
        if name:
            page = client.get("/sign-in")
            assert page.status_code == 200
            answer = client.post(
                "/sign-in", data={"name": name, "password": PASSWORD, "csrf": token_in(page.text)}
            )
            assert answer.status_code == 303, answer.text
        return client

    yield one
    for client in opened:
        client.close()


def token_in(html: str) -> str:
    """The CSRF token of the first form of a page; empty where it has none."""
    mark = 'name="csrf" value="'
    return html.split(mark, 1)[1].split('"', 1)[0] if mark in html else ""
