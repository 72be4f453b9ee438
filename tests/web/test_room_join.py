"""The door of a room, the runs around it, and the same for programs."""

from __future__ import annotations

import json

import pytest
from starlette.testclient import TestClient
from tests.web.conftest import Visitor, token_in
from tests.web.rooms import Opened, open_room
from tests.web.test_room import SAID

from sharedline.comply.evidence.store import open_store
from sharedline.exercise import improve
from sharedline.people import audit, tokens
from sharedline.people.accounts import get
from sharedline.web.pages import join
from sharedline.web.site import Site, now


@pytest.fixture
def room(site: Site, visit: Visitor) -> Opened:
    return open_room(site, visit)


def _enter(client: TestClient, code: str, **form: str) -> tuple[int, str]:
    page = client.get(f"/join/{code}")
    answer = client.post(f"/join/{code}", data={"csrf": token_in(page.text), **form})
    return answer.status_code, answer.headers.get("location", answer.text)


def test_by_code_and_by_link_into_the_room(room: Opened, visit: Visitor) -> None:
    guest = visit()
    page = guest.get("/join")
    typed = room.run.code.lower().replace("-", " ")
    answer = guest.post("/join", data={"code": typed, "csrf": token_in(page.text)})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/join/{room.run.code}"
    status, where = _enter(guest, room.run.code, name="Gil", team="Red", seat="player")
    assert (status, where) == (303, room.path)
    assert "Gil · player · Red" in guest.get(room.path).text
    watcher = visit()
    assert _enter(watcher, room.run.code, name="Wim", team="Red", seat="observer")[0] == 303
    assert "Wim · observer" in watcher.get(room.path).text


def test_the_cookie_is_of_this_room_and_of_no_script(room: Opened, visit: Visitor) -> None:
    guest = visit()
    page = guest.get(f"/join/{room.run.code}")
    form = {"csrf": token_in(page.text), "name": "Gil", "team": "Red"}
    given = guest.post(f"/join/{room.run.code}", data=form).headers["set-cookie"]
    assert "HttpOnly" in given
    assert "SameSite=lax" in given
    assert f"Path={room.path};" in f"{given};"
    assert "Secure" not in given
    room.site.address = "https://sharedline.example.org"
    form["name"] = "Hal"
    page = guest.get(f"/join/{room.run.code}")
    form["csrf"] = token_in(page.text)
    given = guest.post(
        f"/join/{room.run.code}", data=form, headers={"cookie": f"sharedline-door={form['csrf']}"}
    ).headers["set-cookie"]
    assert "__Secure-sharedline-seat" in given
    assert "Secure" in given.split(";", 1)[1]


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"name": "", "team": "Red"}, "Give 1 to 60"),
        ({"name": "Ana", "team": "Red"}, "Take another name."),
        ({"name": "ANA", "team": "Red"}, "Take another name."),
        ({"name": "Gil", "team": "Green"}, "There is no team"),
        ({"name": "Gil", "team": "Red", "seat": "facilitator"}, "not given here"),
        ({"name": "Gil", "team": "Red", "seat": "scribe"}, "not given here"),
        ({"name": "Gil", "team": "Red", "seat": "evaluator"}, "not given here"),
        ({"name": "a\u202eb", "team": "Red"}, "nobody sees"),
        ({"secret": "made-up"}, "used already"),
    ],
)
def test_who_cannot_come_in_is_told_why(
    room: Opened, visit: Visitor, form: dict[str, str], says: str
) -> None:
    status, text = _enter(visit(), room.run.code, **form)
    assert status in (400, 404)
    assert says in text
    assert len(room.state().participants) == 7


def test_a_code_that_is_none(room: Opened, visit: Visitor) -> None:
    guest = visit()
    assert guest.get("/join/AAA-AAA-AAA").status_code == 404
    for typed in ("", "AAA-AAA-AAA", "'; drop table", room.run.code[:-1]):
        csrf = token_in(guest.get("/join").text)
        assert guest.post("/join", data={"code": typed, "csrf": csrf}).status_code == 400
    assert guest.post("/join", data={"code": room.run.code}).status_code == 403


def test_guessing_is_slow(room: Opened, visit: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(join, "MOST", 3)
    guest = visit()
    assert [guest.get("/join/AAA-AAA-AAA").status_code for _ in range(4)] == [404, 404, 404, 429]
    assert guest.get(f"/join/{room.run.code}").status_code == 429, "the right one tells by coming"


def test_nobody_joins_what_has_ended(room: Opened, visit: Visitor) -> None:
    room.do("Fay", "started")
    room.do("Fay", "ended")
    status, text = _enter(visit(), room.run.code, name="Gil", team="Red")
    assert status == 400
    assert "The exercise has ended." in text


def test_leaving_forgets_the_seat_in_this_browser(room: Opened) -> None:
    browser = room.browser("Ana")
    csrf = token_in(room.page("Ana"))
    answer = browser.post(f"{room.path}/leave", data={"csrf": csrf})
    assert answer.headers["location"] == "/join"
    assert 'sharedline-seat=""' in answer.headers["set-cookie"]


def _open(client: TestClient, **changed: str) -> tuple[int, str]:
    page = client.get("/exercises/public-bucket/open")
    assert page.status_code == 200
    form = {
        "csrf": token_in(page.text), "teams": "Blue\nRed\n", "pace": "clock", "speed": "2",
        **{f"weight-{n}": "20" for n in ("decision", "side", "owner", "time", "communication")},
        **changed,
    }  # fmt: skip
    answer = client.post("/exercises/public-bucket/open", data=form)
    return answer.status_code, answer.headers.get("location", answer.text)


def test_an_editor_opens_a_room_and_leads_it(site: Site, visit: Visitor) -> None:
    editor = visit("editor")
    status, where = _open(editor)
    assert status == 303
    assert where.startswith("/room/")
    page = editor.get(where).text
    assert "Editor · facilitator" in page
    assert "Start the exercise" in page
    started = editor.post(
        f"{where}/do/started", data={"csrf": token_in(page), "key": "1"},
        headers={"accept": "application/json"},
    )  # fmt: skip
    assert started.status_code == 200
    # Another may come in beside, in a seat of their own.
    admin = visit("admin")
    run = where.rsplit("/", 1)[1]
    assert admin.get(where).headers["location"] == f"/exercises/runs/{run}/enter"
    door = admin.get(f"/exercises/runs/{run}/enter")
    form = {"csrf": token_in(door.text), "seat": "evaluator"}
    assert admin.post(f"/exercises/runs/{run}/enter", data=form).status_code == 303
    assert "Admin · evaluator" in admin.get(where).text
    form["seat"] = "facilitator"
    assert admin.post(f"/exercises/runs/{run}/enter", data=form).status_code == 303
    assert "Admin (facilitator) · facilitator" in admin.get(where).text
    with site.database.read() as connection:
        done = [r.action for r in audit.read(connection).records]
    assert "exercise.open" in done


@pytest.mark.parametrize(
    "wrong",
    [
        {"speed": "fast"}, {"speed": "0"}, {"pace": "slow"}, {"teams": "A\na"},
        {"weight-side": "-1"}, {"weight-side": "x"}, {"teams": "x" * 70},
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_shown_again(visit: Visitor, wrong: dict[str, str]) -> None:
    status, text = _open(visit("editor"), **wrong)
    assert status == 400
    assert 'role="alert"' in text
    assert visit("editor").get("/exercises/no-such/open").status_code == 404


def test_who_has_an_account_and_may_not_lead_needs_a_seat(room: Opened, visit: Visitor) -> None:
    for role in ("owner", "auditor"):
        client = visit(role)
        assert client.get(f"/exercises/runs/{room.run.id}/enter").status_code == 403
        assert client.get(room.path).headers["location"] == "/join"


def _played(room: Opened) -> None:
    room.do("Fay", "started")
    for inject in ("stranger", "trail"):
        room.do("Fay", "released", inject=inject)
    for name in ("Ana", "Ben", "Cleo"):
        room.do(name, "answered", **SAID["answered"])
    room.do("Ana", "settled", decision="first-step", option="delete-objects", confidence="90")
    room.do("Eva", "rated", objective="close", rating="M", why="Slow.")
    assert room.do("Fay", "ended").status_code == 200


def test_afterwards_numbers_open_and_the_report_is_written(room: Opened, visit: Visitor) -> None:
    auditor = visit("auditor")
    base = f"/exercises/runs/{room.run.id}"
    assert auditor.get(f"{base}/report").status_code == 400, "written before the end"
    _played(room)
    page = auditor.get(base).text
    assert "Decision quality" in page
    assert "GetBucketPolicyStatus" in page
    assert "Performed with major challenges" in page
    report = auditor.get(f"{base}/report")
    assert report.status_code == 200
    assert "EXERCISE" in report.text
    policy = report.headers["content-security-policy"]
    assert "style-src 'sha256-" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "EXERCISE" in auditor.get(f"{base}/report?form=md").text
    assert json.loads(auditor.get(f"{base}/report?form=json").text)["scenario"]
    assert auditor.get(f"{base}/report?form=pdf").content[:5] == b"%PDF-"
    assert auditor.get(f"{base}/report?form=exe").status_code == 400
    assert visit("owner").get(base).status_code == 403
    assert auditor.get("/exercises/runs/ffff").status_code == 404


def test_what_is_to_be_done_is_proposed_once_and_claimed(room: Opened, visit: Visitor) -> None:
    _played(room)
    open_store(room.site.project.evidence, create=True)
    editor, base = visit("editor"), f"/exercises/runs/{room.run.id}"
    for _ in range(2):
        csrf = token_in(editor.get(base).text)
        assert editor.post(f"{base}/improvements", data={"csrf": csrf}).status_code == 303

    kinds = [item["kind"] for _, item in open_store(room.site.project.evidence).items()]
    assert kinds == ["exercise"]
    items = improve.items(room.site.database, room.run.id)
    assert items
    page = editor.get(base).text
    assert page.count(f'id="{items[0].id}"') == 1
    claim = f"{base}/improvements/{items[0].id}/claim"
    form = {"csrf": token_in(page), "note": "<b>Rehearsed.</b>"}
    assert editor.post(claim, data=form).status_code == 303
    assert improve.items(room.site.database, room.run.id)[0].status == "claimed"
    owner = visit("owner")
    csrf = token_in(owner.get("/account").text)
    other = f"{base}/improvements/{items[-1].id}/claim"
    status = owner.post(other, data={"csrf": csrf}).status_code
    assert status == (303 if items[-1].owner == "data" else 404)
    gone = editor.post(f"{base}/improvements/imp-none/claim", data={"csrf": form["csrf"]})
    assert gone.status_code == 404


def _bearer(site: Site, name: str) -> dict[str, str]:
    with site.database.begin() as connection:
        person = get(connection, name)
        assert person is not None
        return {"authorization": f"Bearer {tokens.make(connection, person, 't', 1, now())[1]}"}


def test_a_whole_exercise_by_the_api(site: Site, visit: Visitor) -> None:
    client, base = visit(), "/api/v1/exercises"
    headers = _bearer(site, "editor")
    assert "public-bucket" in client.get(base, headers=headers).json()["library"]
    wanted = {"scenario": "public-bucket", "settings": {"teams": ["Blue"], "pace": "hand"}}
    made = client.post(f"{base}/runs", json=wanted, headers=headers)
    assert made.status_code == 201
    run = f"{base}/runs/{made.json()['id']}"

    def act(kind: str, key: str, **data: object) -> int:
        body = {"kind": kind, "key": key, "data": data}
        answer = client.post(f"{run}/acts", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["seq"])

    assert act("started", "1") == act("started", "1")
    act("released", "2", inject="stranger")
    seen = client.get(f"{run}/state", headers=headers).json()
    assert seen["me"]["seat"] == "facilitator"
    assert [i["id"] for i in seen["injects"]] == ["stranger"]
    assert client.get(f"{run}/report", headers=headers).status_code == 400
    other = _bearer(site, "admin")
    assert client.get(f"{run}/state", headers=other).status_code == 404
    sat = client.post(f"{run}/seat", json={"seat": "evaluator"}, headers=other)
    assert sat.json()["seat"] == "evaluator"
    assert client.get(f"{run}/state", headers=other).status_code == 200
    assert client.get(f"{run}/state", headers=_bearer(site, "owner")).status_code == 404
    act("ended", "3")
    assert client.get(f"{run}/report", headers=headers).json()["mark"].startswith("EXERCISE")
    listed = client.get(f"{base}/runs", headers=headers).json()["runs"]
    assert listed[0]["status"] == "ended"


@pytest.mark.parametrize(
    "settings",
    [
        {"teams": "Blue"}, {"teams": [1]}, {"weights": []}, {"weights": {"side": True}},
        {"pace": []}, {"speed": {}}, {"speed": 1e9}, {"else": 1}, {"teams": ["\u202e"]},
        {"weights": {"side": 10**30}}, {"speed": True},
    ],
)  # fmt: skip
def test_settings_by_the_api_are_checked(
    site: Site, visit: Visitor, settings: dict[str, object]
) -> None:
    body = {"scenario": "public-bucket", "settings": settings}
    answer = visit().post("/api/v1/exercises/runs", json=body, headers=_bearer(site, "editor"))
    assert answer.status_code == 400, answer.text
