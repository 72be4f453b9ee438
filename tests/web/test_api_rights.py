"""Sessions, tokens, teams, the audit log and one's own rights, for programs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.web.conftest import ACCOUNT, TEAM, Visitor, token_in
from tests.web.programs import Program, records, said, token

from sharedline.people import audit, teams
from sharedline.people.model import ALLOWED, Role
from sharedline.web.site import Site, now


@pytest.fixture
def folder(bare: Path) -> Path:
    return bare


def test_sessions_end_and_tokens_stay(program: Program, visit: Visitor, site: Site) -> None:
    here, there, other = visit("owner"), visit("owner"), visit("editor")
    client, victim = program("admin"), program("owner")
    assert client.get("/people/owner").json()["sessions"] == 2
    assert client.delete("/people/owner/sessions").json() == {"sessions": 2}
    assert [b.get("/account").status_code for b in (here, there, other)] == [303, 303, 200]
    assert victim.get("/me").status_code == 200
    assert said(records(site)[0]) == ("admin", "session.close-all", "owner", {"count": 2})
    assert client.delete("/people/owner/sessions").json() == {"sessions": 0}


def test_tokens_are_listed_without_the_secret_and_revoked(program: Program, site: Site) -> None:
    client, (number, secret) = program("admin"), token(site, "owner")
    answer = client.get("/people/owner/tokens")
    (one,) = answer.json()["tokens"]
    assert (one["id"], one["name"], one["live"], one["used"]) == (number, "<b>build", True, None)
    assert one["prefix"] == secret[:10]
    assert secret not in answer.text
    assert secret[10:] not in answer.text
    assert "digest" not in answer.text
    path = f"/people/owner/tokens/{number}"
    assert client.delete(f"/people/editor/tokens/{number}").status_code == 404, "not theirs"
    assert client.delete(path).status_code == 204
    assert said(records(site)[0]) == ("admin", "token.revoke", "owner", {"id": number})
    assert client.delete(path).status_code == 404, "revoked already"
    assert len(records(site)) == 1
    (one,) = client.get("/people/owner/tokens").json()["tokens"]
    assert one["live"] is False
    assert one["revoked"]
    for wrong in ("0", "2147483648", "x", "-1"):
        assert client.delete(f"/people/owner/tokens/{wrong}").status_code == 422


def test_teams_and_their_accounts(program: Program, site: Site) -> None:
    client, first, second = program("admin"), "111111111111", "222222222222"
    assert client.get("/teams").json() == {"teams": [{"name": TEAM, "accounts": []}]}
    answer = client.put("/teams/data", json={"accounts": [second, first, second]})
    assert answer.json() == {"name": "data", "accounts": [first, second]}
    detail = {"accounts": [[], [first, second]]}
    assert said(records(site)[0]) == ("admin", "team.accounts", "data", detail)
    assert program("owner").get("/me").json()["scope"]["accounts"] == [first, second]
    assert client.put("/teams/data", json={"accounts": [first, second]}).status_code == 200
    assert len(records(site)) == 1, "nothing changed, nothing to record"
    for wrong in (["12"], ["1111111111111"], ["١١١١١١١١١١١١"], [1], "x", None):
        assert client.put("/teams/data", json={"accounts": wrong}).status_code == 422, wrong
    assert client.put("/teams/a%2Cb", json={"accounts": []}).status_code == 400
    assert client.put("/teams/", json={"accounts": []}).status_code == 400
    assert client.put("/teams/a%00", json={"accounts": []}).status_code == 400
    assert client.delete("/teams/nobodys").status_code == 404
    assert client.delete("/teams/").status_code == 404
    assert client.delete("/teams/data").status_code == 204
    assert client.get("/teams").json() == {"teams": [{"name": TEAM, "accounts": []}]}
    assert client.delete("/teams/data").status_code == 204, "somebody is in it: it stays"
    assert len(records(site)) == 2


@pytest.mark.parametrize("name", ["cloud/ops", "<b>x", "Ämter", "' or 1=1 --", "a;b?c#d"])
def test_teams_of_any_name(program: Program, site: Site, name: str) -> None:
    client, path = program("admin"), f"/teams/{quote(name, safe='')}"
    made = client.put(path, json={"accounts": [ACCOUNT]}).json()
    assert made == {"name": name, "accounts": [ACCOUNT]}
    with site.database.read() as connection:
        assert teams.teams(connection)[name] == (ACCOUNT,)
    assert client.delete(path).status_code == 204
    assert name not in [one["name"] for one in client.get("/teams").json()["teams"]]


def test_the_audit_log_and_its_filters(program: Program, site: Site) -> None:
    with site.database.begin() as connection:
        for number in range(120):
            audit.write(connection, f"w{number % 2}", "admin", f"a.{number % 3}", f"<b>{number}",
                        {"n": [number, None]}, "::1")  # fmt: skip
    client = program("auditor")
    first, last = (client.get("/audit", params={"page": n}).json() for n in (1, 3))
    assert (first["total"], first["page"], first["pages"], len(first["records"])) == (120, 1, 3, 50)
    assert first["actions"] == ["a.0", "a.1", "a.2"]
    newest = first["records"][0]
    del newest["id"], newest["at"]
    assert newest == {"who": "w1", "role": "admin", "action": "a.2", "target": "<b>119",
                      "detail": {"n": [119, None]}, "address": "::1"}  # fmt: skip
    assert (len(last["records"]), last["records"][-1]["target"]) == (20, "<b>0")
    assert client.get("/audit?page=4").json()["records"] == []
    some = client.get("/audit?who=w1&action=a.2&target=%3Cb%3E1").json()["records"]
    assert {(r["who"], r["action"], r["target"][:4]) for r in some} == {("w1", "a.2", "<b>1")}
    assert len(some) == 6
    today = now().date()
    assert client.get(f"/audit?since={today}&until={today}").json()["total"] == 120
    assert client.get(f"/audit?since={today + timedelta(days=1)}").json()["total"] == 0
    assert client.get("/audit?target=%25").json()["total"] == 0, "no pattern"
    for wrong in ("2026-02-30", "0000-01-01"):
        answer = client.get(f"/audit?since={wrong}")
        assert (answer.status_code, "no day" in answer.json()["error"]) == (400, True)
    for wrong in ("since=yesterday", "until=20261122", "page=0", "who=%00", "action=%00"):
        assert client.get(f"/audit?{wrong}").status_code == 422, wrong
    assert program("editor").get("/audit").status_code == 403
    assert program("owner").get("/audit").status_code == 403


def test_whose_token_it_is(program: Program, visit: Visitor, site: Site) -> None:
    with site.database.begin() as connection:
        teams.set_accounts(connection, TEAM, [ACCOUNT])
    assert program("owner").get("/me").json() == {
        "name": "owner", "full_name": "Owner", "email": "owner@example.org", "role": "owner",
        "teams": [TEAM], "active": True, "by": "token",
        "scope": {"everything": False, "accounts": [ACCOUNT], "teams": [TEAM]},
        "may": ["see", "claim", "comment", "waive", "take-part", "own-account"],
    }  # fmt: skip
    for role in ("admin", "editor", "auditor"):
        told = program(role).get("/me").json()
        assert told["scope"] == {"everything": True, "accounts": None, "teams": []}
        assert set(told["may"]) == set(ALLOWED[Role(role)])
    assert visit("owner").get("/api/v1/me").json()["by"] == "session"
    assert visit().get("/api/v1/me").status_code == 401


def test_a_browser_needs_the_token_of_its_forms(visit: Visitor, site: Site) -> None:
    browser = visit("admin")
    csrf = token_in(browser.get("/account").text)
    to, path = {"role": "auditor"}, "/api/v1/people/owner"
    assert browser.patch(path, json=to).status_code == 403
    assert records(site) == []
    assert browser.patch(path, json=to, headers={"x-csrf-token": csrf}).status_code == 200
