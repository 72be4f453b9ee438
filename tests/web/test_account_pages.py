"""One's own account, everybody's accounts, the audit log: what the pages do, and record."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.web.conftest import PASSWORD, Visitor, token_in

from sharedline.people import accounts, audit, teams
from sharedline.people.model import Person, Role
from sharedline.web import site as sites
from sharedline.web.site import Site

NEW = "nine grey harbours"


@pytest.fixture
def folder(bare: Path) -> Path:
    return bare


def _send(browser: TestClient, path: str, **fields: str) -> tuple[int, str]:
    csrf = token_in(browser.get("/account").text)
    answer = browser.post(path, data={"csrf": csrf, **fields})
    return answer.status_code, answer.text


def _person(site: Site, name: str) -> Person:
    with site.database.read() as connection:
        found = accounts.get(connection, name)
    assert found is not None
    return found


def _last(site: Site) -> audit.Record:
    with site.database.read() as connection:
        return audit.read(connection).records[0]


def test_ones_own_password(visit: Visitor, site: Site) -> None:
    here, there = visit("owner"), visit("owner")
    for fields, said in [
        ({"now": "wrong", "new": NEW, "again": NEW}, "not your password now"),
        ({"now": PASSWORD, "new": NEW, "again": NEW + "x"}, "not the same"),
        ({"now": PASSWORD, "new": "short", "again": "short"}, "at least 15"),
        (
            {"now": PASSWORD, "new": "Owner@Example.org", "again": "Owner@Example.org"},
            "one&#39;s own",
        ),
        ({}, "not your password now"),
    ]:
        status, text = _send(here, "/account/password", **fields)
        assert (status, said in text) == (400, True), said
    status, text = _send(here, "/account/password", now=PASSWORD, new=NEW, again=NEW)
    assert status == 200
    assert "other sessions have ended" in text
    assert NEW not in text
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 303
    record = _last(site)
    assert (record.who, record.action, record.target, dict(record.detail)) == (
        "owner", "person.new-password", "owner", {},
    )  # fmt: skip


def test_guessing_ones_own_password_is_limited(visit: Visitor) -> None:
    browser = visit("owner")
    answers = [
        _send(browser, "/account/password", now="x", new=NEW, again=NEW)[0] for _ in range(11)
    ]
    assert answers == [400] * 10 + [429]


def test_who_signs_in_with_the_provider_sets_no_password(visit: Visitor, site: Site) -> None:
    browser = visit("owner")
    with site.database.begin() as connection:
        accounts.change(connection, _person(site, "owner").id, provider=("https://i", "1"))
        from sharedline.state.tables import PERSON

        connection.execute(PERSON.update().where(PERSON.c.name == "owner").values(password=""))
    assert "kept there" in browser.get("/account").text
    assert _send(browser, "/account/password", now="", new=NEW, again=NEW)[0] == 403


def test_a_token_is_made_shown_once_used_and_revoked(visit: Visitor, site: Site) -> None:
    browser = visit("auditor")
    status, text = _send(browser, "/account/tokens", purpose="<b>build", days="30")
    assert status == 200
    found = re.search(r"<code id=\"made\">(shl_[\w-]+)</code>", text)
    assert found
    token = found[1]
    assert "&lt;b&gt;build" in text
    assert token not in browser.get("/account").text
    record = _last(site)
    assert record.action == "token.make"
    assert token not in repr(record)
    headers = {"authorization": f"Bearer {token}"}
    assert visit().get("/audit", headers=headers).status_code == 200
    number = record.detail["id"]
    other = visit("owner")
    assert _send(other, f"/account/tokens/{number}/revoke")[0] == 303
    assert visit().get("/audit", headers=headers).status_code == 200
    assert _send(browser, f"/account/tokens/{number}/revoke")[0] == 303
    assert visit().get("/audit", headers=headers).status_code != 200
    assert "revoked" in browser.get("/account").text
    for purpose, days in (("", "30"), ("x", "367"), ("x", "0")):
        assert _send(browser, "/account/tokens", purpose=purpose, days=days)[0] == 400
    assert _send(browser, "/account/tokens", purpose="x", days="many")[0] == 422


def test_sessions_are_seen_and_closed(visit: Visitor) -> None:
    here, there, third = visit("owner"), visit("owner"), visit("owner")
    page = here.get("/account").text
    assert page.count("testclient") == 3
    assert "this one" in page
    ids = re.findall(r"/account/sessions/([0-9a-f]{64})/close", page)
    assert len(ids) == 2
    stranger = visit("editor")
    assert _send(stranger, f"/account/sessions/{ids[0]}/close")[0] == 303
    assert len(re.findall(r"/account/sessions/[0-9a-f]{64}", here.get("/account").text)) == 2
    assert _send(here, f"/account/sessions/{ids[0]}/close")[0] == 303
    assert sorted(b.get("/account").status_code for b in (there, third)) == [200, 303]
    assert _send(here, "/account/sessions/close")[0] == 303
    assert there.get("/account").status_code == third.get("/account").status_code == 303
    assert here.get("/account").status_code == 200
    assert _send(here, "/account/sessions/zz/close")[0] == 422


def test_an_admin_adds_somebody(visit: Visitor, site: Site) -> None:
    browser = visit("admin")
    form = {"name": "Ann", "full_name": "<i>Ann", "email": "ann@example.org", "role": "owner",
            "members_of": "data, web", "password": NEW}  # fmt: skip
    assert _send(browser, "/people", **form)[0] == 303
    ann = _person(site, "ann")
    assert (ann.full_name, ann.role, ann.teams) == ("<i>Ann", Role.OWNER, ("data", "web"))
    record = _last(site)
    assert (record.who, record.role, record.action, record.target) == (
        "admin", "admin", "person.add", "ann",
    )  # fmt: skip
    assert record.detail == {"role": "owner", "teams": ["data", "web"]}
    page = browser.get("/people").text
    assert "&lt;i&gt;Ann" in page
    assert "<i>Ann" not in page
    assert browser.get(f"/people/{ann.id}").status_code == 200
    for change, said in [
        ({}, "already"),
        ({"name": "bo", "password": ""}, "id of the provider"),
        ({"name": "bo", "password": "short"}, "at least 15"),
        ({"name": "bo", "role": "root"}, "no role"),
        ({"name": "bo", "password": "", "subject": "7"}, "its issuer and"),
    ]:
        status, text = _send(browser, "/people", **{**form, **change})
        assert (status, said in text) == (400, True), text
        assert 'value="data, web"' in text
        assert NEW not in text
    form |= {"name": "bo", "password": "", "issuer": "https://i", "subject": "7"}
    assert _send(browser, "/people", **form)[0] == 303


def test_an_admin_changes_somebody(visit: Visitor, site: Site) -> None:
    browser, victim, owner = visit("admin"), visit("owner"), _person(site, "owner")
    form = {"full_name": "Olé", "email": "", "role": "auditor", "members_of": ""}
    assert _send(browser, f"/people/{owner.id}", **form)[0] == 303
    assert _person(site, "owner").role is Role.AUDITOR
    record = _last(site)
    assert record.action == "person.change"
    assert record.detail["role"] == ["owner", "auditor"]
    assert record.detail["teams"] == [["data"], []]
    assert victim.get("/audit").status_code == 200, "the new role counts at once"
    assert _send(browser, f"/people/{owner.id}", **form)[0] == 303
    assert _last(site) == record, "nothing changed, nothing to record"
    assert _send(browser, f"/people/{owner.id}", **{**form, "role": "x"})[0] == 400
    assert _send(browser, f"/people/{owner.id}/password", new=NEW)[0] == 200
    assert _last(site).action == "person.new-password"
    assert victim.get("/account").status_code == 303
    for new in ("", "short"):
        assert _send(browser, f"/people/{owner.id}/password", new=new)[0] == 400


def test_an_admin_ends_and_gives_back_access(visit: Visitor, site: Site) -> None:
    browser, victim, owner = visit("admin"), visit("owner"), _person(site, "owner")
    assert _send(browser, f"/people/{owner.id}/active", to="maybe")[0] == 400
    assert _send(browser, f"/people/{owner.id}/active", to="no")[0] == 303
    assert victim.get("/account").status_code == 303
    assert _last(site).action == "person.deactivate"
    assert _send(browser, f"/people/{owner.id}/active", to="yes")[0] == 303
    assert _last(site).action == "person.activate"
    assert visit("owner").get("/account").status_code == 200


def test_the_last_admin_stays(visit: Visitor, site: Site) -> None:
    browser, admin = visit("admin"), _person(site, "admin")
    status, text = _send(browser, f"/people/{admin.id}/active", to="no")
    assert (status, "last admin" in text) == (400, True)
    status, text = _send(browser, f"/people/{admin.id}", role="editor")
    assert (status, "last admin" in text) == (400, True)
    assert browser.get("/people").status_code == 200


def test_an_admin_revokes_somebodys_token(visit: Visitor, site: Site) -> None:
    owner = visit("owner")
    _send(owner, "/account/tokens", purpose="x", days="1")
    number, person = _last(site).detail["id"], _person(site, "owner")
    browser = visit("admin")
    assert "Revoke x" in browser.get(f"/people/{person.id}").text
    assert _send(browser, f"/people/{person.id}/tokens/{number}/revoke")[0] == 303
    assert "revoked" in browser.get(f"/people/{person.id}").text


def test_teams_and_their_accounts(visit: Visitor, site: Site) -> None:
    browser = visit("admin")
    assert _send(browser, "/people/teams", team="data", ids="111111111111, 222222222222")[0] == 303
    with site.database.read() as connection:
        assert teams.teams(connection) == {"data": ("111111111111", "222222222222")}
    assert _person(site, "owner").scope.accounts == frozenset({"111111111111", "222222222222"})
    record = _last(site)
    assert record.detail == {"accounts": [[], ["111111111111", "222222222222"]]}
    assert 'value="111111111111, 222222222222"' in browser.get("/people").text
    assert _send(browser, "/people/teams", team="data", ids="12")[0] == 400
    assert _send(browser, "/people/teams", team="", ids="111111111111")[0] == 400
    assert _send(browser, "/people/teams", team="data", ids="")[0] == 303
    assert _person(site, "owner").scope.accounts == frozenset()


@pytest.mark.parametrize("path", ["/people/999", "/people/2147483647"])
def test_nobody_there(visit: Visitor, path: str) -> None:
    browser = visit("admin")
    assert browser.get(path).status_code == 404
    assert _send(browser, path, role="owner")[0] == 404
    assert _send(browser, f"{path}/active", to="no")[0] == 404
    assert browser.get("/people/99999999999999999999").status_code == 422


def test_the_audit_log_and_its_filters(visit: Visitor, site: Site) -> None:
    with site.database.begin() as connection:
        for number in range(120):
            audit.write(connection, f"w{number % 2}", "admin", f"a.{number % 3}", f"<b>{number}")
    browser = visit("auditor")
    page = browser.get("/audit").text
    assert "121 records" in page
    assert "&lt;b&gt;119" in page
    assert "<b>119" not in page
    assert 'href="/audit?page=2"' in page
    page = browser.get("/audit?who=w1&action=a.2&target=%3Cb%3E1").text
    assert re.search(r">1\d* records?\.", page) is None
    assert page.count("<td>w1</td>") == page.count("<td>a.2</td>") == 6
    assert 'value="w1"' in page
    assert "selected>a.2</option>" in page
    today = sites.now().date()
    tomorrow = today + timedelta(days=1)
    assert "121 records" in browser.get(f"/audit?since={today}&until={today}").text
    assert "0 records" in browser.get(f"/audit?since={tomorrow}").text
    assert "is no day" in browser.get("/audit?since=yesterday").text
    assert browser.get("/audit?until=9999-12-31").status_code == 200
    assert browser.get("/audit?page=3").status_code == 200
    assert browser.get("/audit?page=0").status_code == 422
    assert browser.get("/audit?who=%00&target=%00%25_").status_code == 200
