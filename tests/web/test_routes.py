"""Every route x every role: what a role must not do is refused, and nothing is open by accident."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.testclient import TestClient
from tests.web.conftest import Visitor, token_in

from sharedline.people import tokens
from sharedline.people.accounts import get
from sharedline.people.model import Action, Role, may
from sharedline.project import open_project
from sharedline.state.database import Database
from sharedline.web import access
from sharedline.web.app import create_app
from sharedline.web.site import Site, now

ROLES = ("admin", "editor", "owner", "auditor")


def _routes() -> list[RouteContext]:
    """The routes of an application; it needs no database to be listed."""
    site = Site.__new__(Site)
    site.address = ""
    found = iter_route_contexts(create_app(site).routes)
    return [r for r in found if isinstance(r.original_route, APIRoute)]


def _calls(dependant: Any) -> Iterator[Any]:
    for one in dependant.dependencies:
        yield one.call
        yield from _calls(one)


def _needed(route: RouteContext) -> list[Action]:
    return [c.action for c in _calls(route.dependant) if hasattr(c, "action")]


def _open(route: RouteContext) -> bool:
    return access.anybody in set(_calls(route.dependant))


def _seated(route: RouteContext) -> bool:
    """Whether a seat in an exercise is what it asks for; tests/web/test_room*.py try those."""
    return any(getattr(c, "seat", False) for c in _calls(route.dependant))


ROUTES = _routes()
GUARDED = [r for r in ROUTES if not _open(r) and not _seated(r)]
CASES = [
    pytest.param(route, method, role, id=f"{method} {route.path} {role}")
    for route in GUARDED
    for method in sorted(route.methods or ())
    for role in ROLES
]


def _path(route: RouteContext) -> str:
    assert route.path is not None
    return re.sub(r"\{[^}]+\}", "1", route.path)


def test_every_route_says_who_may() -> None:
    silent = [r.path for r in ROUTES if not _needed(r) and not _open(r) and not _seated(r)]
    assert silent == []
    assert len(GUARDED) > 10


def test_what_is_open_is_what_was_meant() -> None:
    """Another one is added here only by who thought of it."""
    opened = {r.path for r in ROUTES if _open(r)}
    assert opened == {
        "/health", "/sign-in", "/sign-out", "/oidc/start", "/oidc/callback", "/join", "/join/{code}",
    }  # fmt: skip


@pytest.fixture(scope="module")
def browsers(scanned: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """One browser and one token of each role, for all the cases: nothing allowed is tried here."""
    import shutil

    from tests.web.conftest import PASSWORD, TEAM

    from sharedline.people import accounts

    folder = tmp_path_factory.mktemp("routes") / "project"
    shutil.copytree(scanned, folder)
    project = open_project(folder)
    found: dict[str, Any] = {}
    with closing(Site(project, Database(project.database_url))) as site:
        app = create_app(site)
        for role in ROLES:
            with site.database.begin() as connection:
                teams = (TEAM,) if role == "owner" else ()
                accounts.add(connection, role, role, "", Role(role), teams, PASSWORD)
                person = get(connection, role)
                assert person is not None
                token = tokens.make(connection, person, "t", 1, now())[1]
            client = TestClient(app, follow_redirects=False)
            csrf = token_in(client.get("/sign-in").text)
            form = {"name": role, "password": PASSWORD, "csrf": csrf}
            assert client.post("/sign-in", data=form).status_code == 303
            found[role] = client, token_in(client.get("/account").text), token
        found[""] = TestClient(app, follow_redirects=False), "", ""
        yield found
        for client, _, _ in found.values():
            client.close()


@pytest.mark.parametrize(("route", "method", "role"), CASES)
def test_a_role_without_the_right_is_refused(
    browsers: dict[str, Any], route: RouteContext, method: str, role: str
) -> None:
    allowed = all(may(Role(role), action) for action in _needed(route))
    client, csrf, token = browsers[role]
    path = _path(route)
    if not allowed:
        answer = client.request(method, path, headers={"x-csrf-token": csrf})
        assert answer.status_code == 403, answer.text[:300]
        bare = browsers[""][0]
        answer = bare.request(method, path, headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 403, answer.text[:300]
    elif method not in access.SAFE:
        answer = client.request(method, path)
        assert answer.status_code == 403, "a form without the token was taken"
        assert "expired" in answer.text
        headers = {"x-csrf-token": csrf, "sec-fetch-site": "cross-site"}
        assert client.request(method, path, headers=headers).status_code == 403
    else:
        assert client.request(method, path).status_code not in (401, 403)


@pytest.mark.parametrize(
    ("route", "method"),
    [
        pytest.param(r, m, id=f"{m} {r.path}")
        for r in GUARDED
        for m in sorted(r.methods or ())
    ],
)  # fmt: skip
def test_nobody_gets_anywhere(browsers: dict[str, Any], route: RouteContext, method: str) -> None:
    client = browsers[""][0]
    answer = client.request(method, _path(route))
    if _path(route).startswith("/api/"):
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    else:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")
    wrong = client.request(method, _path(route), headers={"authorization": "Bearer shl_no"})
    assert wrong.status_code in (401, 303)


def test_a_page_that_is_not_there(visit: Visitor) -> None:
    answer = visit("auditor").get("/no/such/page")
    assert answer.status_code == 404
    assert "There is no such page." in answer.text
    assert visit().get("/api/v1/nothing").json()["error"] == "There is no such page."
