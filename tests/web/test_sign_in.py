"""Signing in with a password: what is kept in the browser, what is refused, how often it may fail."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.web.conftest import PASSWORD, Visitor, token_in

from sharedline.people import accounts, audit, sessions, tokens
from sharedline.state.database import Database
from sharedline.web import signing
from sharedline.web import site as sites
from sharedline.web.app import create_app
from sharedline.web.pages import sign_in
from sharedline.web.site import Site


@pytest.fixture
def folder(bare: Path) -> Path:
    return bare


def _try(browser: TestClient, name: str, password: str, **more: str) -> int:
    form = {"csrf": token_in(browser.get("/sign-in").text), "name": name, "password": password}
    return browser.post("/sign-in", data={**form, **more}).status_code


def _actions(site: Site) -> list[str]:
    with site.database.read() as connection:
        return [r.action for r in audit.read(connection).records]


def test_in_and_out(visit: Visitor, site: Site) -> None:
    browser = visit("owner")
    secret = browser.cookies["sharedline"]
    assert browser.get("/account").status_code == 200
    assert browser.get("/sign-in?next=/gaps").headers["location"] == "/gaps"
    csrf = token_in(browser.get("/account").text)
    assert browser.post("/sign-out", data={}).status_code == 403
    answer = browser.post("/sign-out", data={"csrf": csrf})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert "sharedline" not in browser.cookies
    browser.cookies.set("sharedline", secret)
    assert browser.get("/account").headers["location"] == "/sign-in?next=%2Faccount"
    assert _actions(site) == ["session.close", "session.open"]
    assert visit().post("/sign-out").status_code == 303


def test_the_cookie_is_for_this_host_and_for_no_script(visit: Visitor, site: Site) -> None:
    browser = visit()
    form = {"csrf": token_in(browser.get("/sign-in").text), "name": "owner", "password": PASSWORD}
    kept = browser.post("/sign-in", data=form).headers["set-cookie"].lower()
    assert kept.startswith("sharedline=")
    assert "httponly" in kept
    assert "samesite=lax" in kept
    assert "secure" not in kept
    site.address = "https://sharedline.example.org"
    with TestClient(
        create_app(site), base_url="https://sharedline.example.org", follow_redirects=False
    ) as browser:
        form["csrf"] = token_in(browser.get("/sign-in").text)
        kept = browser.post("/sign-in", data=form).headers["set-cookie"].lower()
        assert kept.startswith("__host-sharedline=")
        assert "; secure" in kept
        assert "path=/" in kept
        assert "domain" not in kept


@pytest.mark.parametrize(
    ("given", "goes"),
    [
        ("/gaps?owner=data#x", "/gaps?owner=data#x"),
        ("", "/"),
        ("gaps", "/"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/\n/evil.example", "/"),
        ("/gaps\r\nset-cookie: a=b", "/"),
        ("///evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/sign-out", "/"),
        ("/sign-in?next=/x", "/"),
        ("//[", "/"),
        ("/" + "x" * 3000, "/"),
    ],
)
def test_where_people_go_next_is_ours(given: str, goes: str) -> None:
    assert signing.own_path(given) == goes


def test_the_form_carries_where_to_go(visit: Visitor) -> None:
    browser = visit()
    page = browser.get("/sign-in", params={"next": '/gaps?x="><script>'}).text
    assert "<script>alert" not in page
    assert 'value="/gaps?x=&#34;&gt;&lt;script&gt;"' in page
    form = {"csrf": token_in(page), "name": "OWNER ", "password": PASSWORD, "next": "//evil"}
    answer = browser.post("/sign-in", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_nobody_else_can_send_the_form(visit: Visitor, site: Site) -> None:
    """Else an attacker's page signs people in as the attacker."""
    browser, other = visit(), visit()
    token = token_in(browser.get("/sign-in").text)
    foreign = token_in(other.get("/sign-in").text)
    form = {"name": "owner", "password": PASSWORD}
    for csrf in ("", "x", foreign):
        assert browser.post("/sign-in", data={**form, "csrf": csrf}).status_code == 403
    across = {"sec-fetch-site": "cross-site"}
    assert browser.post("/sign-in", data={**form, "csrf": token}, headers=across).status_code == 403
    assert visit().post("/sign-in", data={**form, "csrf": token}).status_code == 403
    assert browser.post("/sign-in", data={**form, "csrf": token}).status_code == 303


def test_a_planted_token_is_replaced(visit: Visitor) -> None:
    browser = visit()
    browser.cookies.set("sharedline-form", '"><script>')
    token = token_in(browser.get("/sign-in").text)
    assert len(token) == 43


def test_a_session_is_another_after_signing_in(visit: Visitor, site: Site) -> None:
    """What an attacker put into the browser before is of no use to them after."""
    browser = visit()
    browser.cookies.set("sharedline", "planted")
    assert _try(browser, "owner", PASSWORD) == 303
    values = [c.value for c in browser.cookies.jar if c.name == "sharedline"]
    assert values[-1] != "planted"
    with site.database.read() as connection:
        assert sessions.signed_in(site.database, "planted") is None
        owner = accounts.get(connection, "owner")
        assert owner is not None
        before = len(sessions.of(connection, owner.id, sites.now()))
    assert before == 1


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("owner", "wrong wrong wrong"),
        ("owner", ""),
        ("nobody", PASSWORD),
        ("owner' --", PASSWORD),
        ("\0", "\0"),
        ("x" * 10_000, "y" * 10_000),
    ],
)
def test_what_does_not_fit_is_told_alike(visit: Visitor, name: str, password: str) -> None:
    browser = visit()
    form = {"csrf": token_in(browser.get("/sign-in").text), "name": name, "password": password}
    answer = browser.post("/sign-in", data=form)
    assert answer.status_code == 401
    assert "do not fit" in answer.text
    assert "sharedline" not in browser.cookies


def test_failures_are_recorded_without_what_was_typed(visit: Visitor, site: Site) -> None:
    browser = visit()
    _try(browser, "my secret typed into the wrong field", "x")
    _try(browser, "owner", "another secret")
    with site.database.read() as connection:
        first, second = audit.read(connection).records
    assert (first.target, second.target) == ("owner", "(a name that nobody has)")
    assert "secret" not in repr((first, second))
    assert first.address == "testclient"


def test_who_was_deactivated_does_not_come_in_and_is_out_at_once(
    visit: Visitor, site: Site
) -> None:
    browser = visit("owner")
    with site.database.begin() as connection:
        owner = accounts.get(connection, "owner")
        assert owner is not None
        accounts.deactivate(connection, owner.id)
    assert browser.get("/account").status_code == 303
    assert _try(visit(), "owner", PASSWORD) == 401


def test_a_name_may_be_tried_so_often(
    visit: Visitor, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = visit()
    most, seconds = sign_in.NAME_HERE
    for _ in range(most):
        assert _try(browser, "owner", "wrong wrong wrong") == 401
    answers = [_try(browser, "Owner", PASSWORD), _try(visit(), "owner ", PASSWORD)]
    assert answers == [429, 429]
    assert _try(browser, "editor", PASSWORD) == 303
    again = Site(site.project, Database(site.project.database_url))  # a restart forgives nothing
    with TestClient(create_app(again), follow_redirects=False) as fresh:
        page = fresh.get("/sign-in").text
        form = {"csrf": token_in(page), "name": "owner", "password": PASSWORD}
        refused = fresh.post("/sign-in", data=form)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= seconds
    later = sites.now() + timedelta(seconds=seconds + 1)
    monkeypatch.setattr(sites, "now", lambda: later)
    assert _try(visit(), "owner", PASSWORD) == 303


def test_the_right_password_forgives_the_wrong_ones(visit: Visitor) -> None:
    for _ in range(3):
        browser = visit()
        for _ in range(sign_in.NAME_HERE[0] - 1):
            assert _try(browser, "owner", "wrong wrong wrong") == 401
        assert _try(browser, "owner", PASSWORD) == 303


def test_an_address_may_try_so_often(visit: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "ADDRESS", (5, 900))
    browser = visit()
    answers = [_try(browser, f"name{n}", "wrong wrong wrong") for n in range(7)]
    assert answers == [401] * 5 + [429] * 2


def test_a_session_ends_when_it_is_not_used(
    visit: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = visit("owner")
    start = sites.now()
    for hours, status in ((7, 200), (14, 200), (23, 303)):
        monkeypatch.setattr(sites, "now", lambda hours=hours: start + timedelta(hours=hours))
        assert browser.get("/account").status_code == status


def test_without_anybody_it_says_what_to_do(tmp_path: Path, site: Site) -> None:
    from sharedline.project import open_project

    (tmp_path / "empty").mkdir()
    project = open_project(tmp_path / "empty")
    with TestClient(create_app(Site(project, Database(project.database_url)))) as browser:
        assert "sharedline users add NAME --role admin" in browser.get("/sign-in").text


def test_a_token_neither_makes_tokens_nor_sets_passwords(visit: Visitor, site: Site) -> None:
    with site.database.begin() as connection:
        admin = accounts.get(connection, "admin")
        assert admin is not None
        _, token = tokens.make(connection, admin, "t", 1)
    browser, headers = visit(), {"authorization": f"Bearer {token}"}
    for path in ("/account/tokens", "/account/password", "/people", f"/people/{admin.id}/password"):
        answer = browser.post(path, headers=headers, data={"purpose": "x", "days": "9"})
        assert answer.status_code == 403, path
        assert "signed in" in answer.text
    assert browser.get("/audit", headers=headers).status_code == 200
    assert browser.get("/audit", headers={"authorization": "Bearer shl_x"}).status_code in (
        303,
        401,
    )
