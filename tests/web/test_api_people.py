"""People for programs: as on the page, with the same refusals and records; no password leaks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.web.conftest import ACCOUNT, PASSWORD, Visitor, token_in
from tests.web.programs import Program, records, said, token

from sharedline.people import accounts, audit
from sharedline.state.tables import PERSON
from sharedline.web.api import people as api
from sharedline.web.site import Site

NEW = "nine grey harbours"
ANN = {"name": "Ann", "full_name": "<i>Ann", "email": "ann@example.org", "role": "owner",
       "teams": ["web", "data"], "password": NEW}  # fmt: skip
#: Every operation, with a body that the document allows.
OPERATIONS: list[tuple[str, str, Any]] = [
    ("GET", "/people", None),
    ("POST", "/people", ANN),
    ("GET", "/people/owner", None),
    ("PATCH", "/people/owner", {"active": False}),
    ("DELETE", "/people/owner/sessions", None),
    ("GET", "/people/owner/tokens", None),
    ("DELETE", "/people/owner/tokens/1", None),
    ("GET", "/teams", None),
    ("PUT", "/teams/data", {"accounts": [ACCOUNT]}),
    ("DELETE", "/teams/data", None),
]
HOSTILE = ("%00", "%0d%0aSet-Cookie:a", "..%2f..%2fetc", "<script>", "%F0%9F%92%A9", "%ff", "a" * 5000,
           "' or 1=1 --", "1", "{name}", "%")  # fmt: skip


@pytest.fixture
def folder(bare: Path) -> Path:
    return bare


def _fits(site: Site, name: str, password: str) -> bool:
    with site.database.read() as connection:
        return accounts.check_password(connection, name, password) is not None


def test_everybody_is_listed_by_pages(program: Program, site: Site) -> None:
    with site.database.begin() as connection:
        for number in range(120):
            accounts.add(connection, f"p{number:03}", issuer="https://i", subject=str(number))
    client = program("admin")
    first, second = (client.get("/people", params={"page": n}).json() for n in (1, 2))
    assert (first["total"], first["page"], first["pages"], len(first["people"])) == (124, 1, 2, 100)
    assert len(second["people"]) == 24
    assert client.get("/people?page=9").json() == second, "the last where there are fewer"
    assert first["people"][0] == {
        "name": "admin", "full_name": "Admin", "email": "admin@example.org", "role": "admin",
        "teams": [], "active": True,
    }  # fmt: skip
    assert client.get("/people?page=0").status_code == 422


def test_somebody_is_added_with_a_password(program: Program, site: Site) -> None:
    client = program("admin")
    made = client.post("/people", json=ANN)
    assert made.status_code == 201
    assert made.json() == {
        "name": "ann", "full_name": "<i>Ann", "email": "ann@example.org", "role": "owner",
        "teams": ["data", "web"], "active": True, "has_password": True, "issuer": "",
        "subject": "", "sessions": 0,
    }  # fmt: skip
    assert client.get("/people/ANN").json() == made.json()
    assert _fits(site, "ann", NEW)
    record = records(site)[0]
    detail = {"role": "owner", "teams": ["data", "web"]}
    assert said(record) == ("admin", "person.add", "ann", detail)
    assert (record.role, record.address) == ("admin", "testclient")
    for path in ("/people", "/people/ann", "/people/ann/tokens", "/audit"):
        assert NEW not in client.get(path).text
        assert "argon2" not in client.get(path).text


def test_somebody_is_added_with_a_provider(program: Program, site: Site) -> None:
    client = program("admin")
    who = {"name": "bo", "role": "auditor", "issuer": " https://i ", "subject": "7 "}
    made = client.post("/people", json=who)
    assert made.status_code == 201
    told = {key: made.json()[key] for key in ("has_password", "issuer", "subject")}
    assert told == {"has_password": False, "issuer": "https://i", "subject": "7"}
    again = client.post("/people", json={**who, "name": "cy"})
    assert (again.status_code, "taken" in again.json()["error"]) == (409, True)
    assert [r.target for r in records(site)] == ["bo"], "what was refused is not recorded"


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({"name": "OWNER"}, 409, "already"),
        ({"password": None}, 400, "id of the provider"),
        ({"password": ""}, 400, "id of the provider"),
        ({"password": "short"}, 400, "at least 15"),
        ({"password": "x" * 2000}, 422, "password"),
        ({"password": NEW, "subject": "7"}, 400, "its issuer and"),
        ({"role": "participant"}, 422, "role"),
        ({"role": "root"}, 422, "role"),
        ({"name": ""}, 400, "no name"),
        ({"name": "Zoë"}, 400, "no name"),
        ({"name": "a\0b"}, 422, "name"),
        ({"name": "a/../b"}, 400, "no name"),
        ({"name": "<script>"}, 400, "no name"),
        ({"name": "a\ud800"}, 422, "name"),
        ({"full_name": "a\nb"}, 400, "one line"),
        ({"full_name": "\u202egnp"}, 400, "one line"),
        ({"email": "nobody"}, 400, "no address"),
        ({"teams": ["a,b"]}, 400, "no name of a team"),
        ({"teams": [" "]}, 400, "no name of a team"),
        ({"teams": "data"}, 422, "teams"),
        ({"active": True}, 422, "active"),
        ({"id": 1}, 422, "id"),
    ],
)
def test_who_cannot_be_added(
    program: Program, site: Site, changed: dict[str, Any], status: int, words: str
) -> None:
    client = program("admin")
    body = json.dumps({**ANN, **changed})
    answer = client.post("/people", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    assert words in answer.json()["error"] + answer.json()["advice"]
    for secret in (NEW, "x" * 100):
        assert secret not in answer.text
    assert client.get("/people").json()["total"] == 4
    assert records(site) == []


def test_somebody_is_changed(program: Program, site: Site) -> None:
    client, victim = program("admin"), program("owner")
    assert victim.get("/audit").status_code == 403
    to = {"full_name": "Olé", "email": "", "role": "auditor", "teams": []}
    answer = client.patch("/people/owner", json=to)
    assert answer.status_code == 200
    assert {key: answer.json()[key] for key in to} == to
    assert said(records(site)[0]) == (
        "admin", "person.change", "owner",
        {"full_name": ["Owner", "Olé"], "email": ["owner@example.org", ""],
         "role": ["owner", "auditor"], "teams": [["data"], []]},
    )  # fmt: skip
    assert victim.get("/audit").status_code == 200, "the new role counts at once"
    for same in (to, {}, {"active": True}, {"role": None, "teams": None}):
        assert client.patch("/people/owner", json=same).json() == answer.json()
    assert len(records(site)) == 1, "nothing changed, nothing to record"
    for wrong, status in [
        ({"role": "root"}, 422), ({"email": "nobody"}, 400), ({"teams": ["a,b"]}, 400),
        ({"password": NEW}, 422), ({"name": "x"}, 422), ({"issuer": "https://i"}, 422),
        ({"active": "perhaps"}, 422), ([], 422),
    ]:  # fmt: skip
        assert client.patch("/people/owner", json=wrong).status_code == status, wrong
    assert len(records(site)) == 1
    assert _fits(site, "owner", PASSWORD)


def test_access_ends_and_is_given_back(program: Program, visit: Visitor, site: Site) -> None:
    client, victim, browser = program("admin"), program("owner"), visit("owner")
    answer = client.patch("/people/owner", json={"active": False, "role": "editor"}).json()
    assert (answer["active"], answer["role"], answer["sessions"]) == (False, "editor", 0)
    assert victim.get("/me").status_code == 401
    assert browser.get("/account").status_code == 303
    ended, changed = records(site)
    assert said(ended) == ("admin", "person.deactivate", "owner", {})
    assert said(changed) == (
        "admin", "person.change", "owner", {"role": ["owner", "editor"]},
    )  # fmt: skip
    assert client.patch("/people/owner", json={"active": True}).json()["active"] is True
    assert records(site)[0].action == "person.activate"
    assert victim.get("/me").status_code == 401, "its token stays revoked"


def test_the_last_active_admin_stays(program: Program, site: Site) -> None:
    client = program("admin")
    for to in ({"active": False}, {"role": "editor"}, {"active": False, "full_name": "x"}):
        answer = client.patch("/people/admin", json=to)
        assert (answer.status_code, "last admin" in answer.json()["error"]) == (409, True)
    assert client.get("/people/admin").json()["full_name"] == "Admin", "all of it or nothing"
    assert records(site) == []
    with site.database.begin() as connection:
        second = accounts.get(connection, "editor")
        assert second is not None
        accounts.change(connection, second.id, role="admin")
    assert client.patch("/people/admin", json={"role": "editor"}).status_code == 200
    assert client.get("/people").status_code == 403


def test_no_token_makes_an_administrator(program: Program, visit: Visitor, site: Site) -> None:
    """A token that leaked and was revoked leaves nobody behind who could do as much."""
    client, new = program("admin"), {"name": "eve", "role": "admin", "password": NEW}
    for answer in (
        client.post("/people", json=new),
        client.patch("/people/editor", json={"role": "admin"}),
    ):
        assert (answer.status_code, "signed in" in answer.json()["error"]) == (403, True)
    assert records(site) == []
    browser = visit("admin")
    headers = {"x-csrf-token": token_in(browser.get("/account").text)}
    assert browser.post("/api/v1/people", json=new, headers=headers).status_code == 201


@pytest.mark.parametrize("role", ["editor", "owner", "auditor", "participant"])
def test_others_are_refused(program: Program, site: Site, role: str) -> None:
    who = "owner" if role == "participant" else role
    client = program(who)
    if role == "participant":  # nobody gets an account of that role; the database may say so
        with site.database.begin() as connection:
            connection.execute(PERSON.update().where(PERSON.c.name == who).values(role=role))
        assert client.get("/me").status_code == client.get("/audit").status_code == 403
    for method, path, body in OPERATIONS:
        answer = client.request(method, path, json=body)
        assert answer.status_code == 403, (method, path)
        assert "manage-people" in answer.json()["error"]
    assert records(site) == []


@pytest.mark.parametrize("name", ["nobody", *HOSTILE])
def test_nobody_of_that_name(program: Program, site: Site, name: str) -> None:
    client = program("admin")
    for method, path, body in OPERATIONS:
        if "/people/owner" in path:
            answer = client.request(method, path.replace("owner", name, 1), json=body)
            assert answer.status_code == 404, (method, path)
            assert answer.json()["error"]
    assert records(site) == []


def test_no_token_changes_a_password(program: Program, visit: Visitor, site: Site) -> None:
    client, (_, secret) = program("admin"), token(site, "admin")
    for who in ("admin", "owner"):
        again = {**ANN, "name": who}
        assert client.post("/people", json=again).status_code == 409
        assert client.patch(f"/people/{who}", json={"password": NEW}).status_code == 422
        assert client.put(f"/people/{who}/password", json={"new": NEW}).status_code == 404
        with site.database.read() as connection:
            person = accounts.get(connection, who)
        assert person is not None
        headers = {"authorization": f"Bearer {secret}"}
        form = {"new": NEW}
        answer = visit().post(f"/people/{person.id}/password", data=form, headers=headers)
        assert (answer.status_code, "not a token" in answer.text) == (403, True)
        assert _fits(site, who, PASSWORD)
    assert records(site) == []


def test_no_answer_has_room_for_a_password(program: Program) -> None:
    document = program("admin").get("http://testserver/api/openapi.json").json()
    schemas = document["components"]["schemas"]
    named = [name for name, one in schemas.items() if "password" in one.get("properties", {})]
    assert named == ["NewPerson"]
    sent = schemas["NewPerson"]["properties"]["password"]
    assert sent["anyOf"][0]["writeOnly"] is True
    assert sent["anyOf"][0]["format"] == "password"
    assert set(api.Role.__args__) == set(accounts.ROLES)  # type: ignore[attr-defined]


def test_the_records_are_those_of_the_pages(program: Program, visit: Visitor, site: Site) -> None:
    """The same acts, by forms and by the API, leave the same in the audit log."""
    browser, client = visit("admin"), program("admin")
    csrf = token_in(browser.get("/account").text)

    def send(path: str, **fields: str) -> None:
        assert browser.post(path, data={"csrf": csrf, **fields}).status_code == 303, path

    send("/people", name="ann", role="owner", members_of="data", password=NEW)
    with site.database.read() as connection:
        ann = accounts.get(connection, "ann")
    assert ann is not None
    form = {"full_name": "Ann", "email": "", "role": "editor", "members_of": "data"}
    send(f"/people/{ann.id}", **form)
    send(f"/people/{ann.id}/active", to="no")
    send(f"/people/{ann.id}/active", to="yes")
    number = token(site, "ann")[0]
    send(f"/people/{ann.id}/tokens/{number}/revoke")
    send("/people/teams", team="ops", ids=ACCOUNT)
    send("/people/teams", team="ops", ids="")
    by_forms = records(site)

    made = {"name": "bob", "role": "owner", "teams": ["data"], "password": NEW}
    assert client.post("/people", json=made).status_code == 201
    for to in ({"full_name": "Ann", "role": "editor"}, {"active": False}, {"active": True}):
        assert client.patch("/people/bob", json=to).status_code == 200
    assert client.delete(f"/people/bob/tokens/{token(site, 'bob')[0]}").status_code == 204
    assert client.put("/teams/ops", json={"accounts": [ACCOUNT]}).status_code == 200
    assert client.delete("/teams/ops").status_code == 204
    by_program = records(site)[: -len(by_forms)]

    def told(records: list[audit.Record]) -> list[Any]:
        return [(r.who, r.role, r.action, r.target.replace("bob", "ann"), r.address,
                 {k: v for k, v in r.detail.items() if k != "id"}) for r in records]  # fmt: skip

    assert told(by_program) == told(by_forms)
    assert len(by_forms) == 7
