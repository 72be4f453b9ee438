"""What an adversary sends, and what may break below: a sentence each time, nothing given away."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.web.conftest import Visitor, token_in
from tests.web.rooms import open_room

from sharedline.people import tokens
from sharedline.people.accounts import get
from sharedline.web.site import Site, now

HALF = "\ud800"


def _token(site: Site, name: str) -> dict[str, str]:
    with site.database.begin() as connection:
        person = get(connection, name)
        assert person is not None
        made = tokens.make(connection, person, "t", 1, now())[1]
    return {"authorization": f"Bearer {made}"}


def _form(fields: dict[str, bytes]) -> bytes:
    """A multipart form whose boundary is `B`."""
    head = b'--B\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    return b"".join(head % (k.encode(), v) for k, v in fields.items()) + b"--B--\r\n"


def test_half_a_character_in_a_key_is_answered(site: Site, visit: Visitor) -> None:
    """JSON can hold it, an answer that quotes it cannot."""
    client, headers = visit(), _token(site, "editor")
    made = client.post(
        "/api/v1/exercises/runs", json={"scenario": "public-bucket"}, headers=headers
    )
    assert made.status_code == 201
    acts = f"/api/v1/exercises/runs/{made.json()['id']}/acts"
    for kind, data in (("started", {}), ("added", {"inject": {HALF: 1}})):
        body = json.dumps({"kind": kind, "key": kind, "data": data})
        sent = {**headers, "content-type": "application/json"}
        answer = client.post(acts, content=body, headers=sent)
    assert answer.status_code == 400
    assert "unknown key ?" in answer.json()["error"]


@pytest.mark.parametrize(
    "charset", ["unicode_escape", "punycode", "undefined", '"utf-7"', "utf-8-sig"]
)
def test_a_form_in_an_encoding_of_its_own_is_refused(visit: Visitor, charset: str) -> None:
    """Some of Python's make what is no text, some fail in ways that nobody expects."""
    client = visit()
    csrf = token_in(client.get("/sign-in").text).encode()
    kind = f"multipart/form-data; boundary=B; charset={charset}"
    for path, fields in (
        ("/sign-in", {"csrf": b"\\ud800"}),
        ("/sign-in", {"csrf": csrf, "name": b"\\ud800-", "password": b"\\ud800-"}),
        ("/join", {"csrf": b"\\ud800-", "code": b"x-"}),
    ):
        answer = client.post(path, content=_form(fields), headers={"content-type": kind})
        assert answer.status_code == 415, path
        assert "UTF-8" in answer.text


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", '; charset="UTF-8"'])
def test_a_form_in_utf_8_is_read(visit: Visitor, charset: str) -> None:
    client = visit()
    fields = {"csrf": token_in(client.get("/sign-in").text).encode(), "name": b"x"}
    kind = f"multipart/form-data; boundary=B{charset}"
    answer = client.post("/sign-in", content=_form(fields), headers={"content-type": kind})
    assert answer.status_code == 401
    assert "do not fit" in answer.text


def test_a_wrong_token_at_a_page_that_is_not_there(visit: Visitor) -> None:
    headers = {"authorization": "Bearer shl_no"}
    assert visit().get("/no/such/page", headers=headers).status_code == 404
    answer = visit().get("/exercises/a/b/c/d", headers=headers)
    assert "There is no such page." in answer.text


def test_waivers_that_break_while_serving(folder: Path, visit: Visitor) -> None:
    """No page says that a resource is not there where a file cannot be read."""
    client = visit("admin")
    arn = client.get("/api/v1/gaps", params={"size": 1}).json()["rows"][0]["resource"]
    assert client.get("/resource", params={"arn": arn}).status_code == 200
    (folder / "waivers.toml").write_text("[[waiver", "utf-8")
    for path in ("/gaps", "/mine", "/resource", "/resource/past"):
        answer = client.get(path, params={"arn": arn} if "resource" in path else {})
        assert answer.status_code == 400, path
        assert "waivers.toml" in answer.text


def test_a_claim_where_the_folder_cannot_be_written(
    site: Site, visit: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is kept, and it is said; afterwards it can be made."""
    client, headers = visit(), _token(site, "editor")
    row = client.get("/api/v1/gaps?size=1", headers=headers).json()["rows"][0]
    said = {"check": row["check"], "resource": row["resource"], "note": "mended"}
    write = Path.write_text

    def refused(path: Path, *given: str) -> int:
        if path.name == ".attested":
            raise PermissionError(13, "Permission denied", str(path))
        return write(path, *given)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", refused)
        answer = client.post("/api/v1/claims", json=said, headers=headers)
    assert answer.status_code == 503
    assert answer.json()["error"] == "A file of the project cannot be read or written."
    assert str(site.project.folder) not in answer.text
    assert client.post("/api/v1/claims", json=said, headers=headers).status_code == 201


@pytest.mark.parametrize("changed", [{"rows": [["a"]]}, {"rows": 5}, {"as_of": 5}, {"days": None}])
def test_kept_numbers_that_are_damaged(
    site: Site, folder: Path, visit: Visitor, changed: dict[str, object]
) -> None:
    """They are made again."""
    client = visit("auditor")
    assert client.get("/flow").status_code == 200
    kept = list((folder / ".pages").glob("*.json"))
    assert kept
    for path in kept:
        path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changed}), "utf-8")
    site.kept.pop("browse").close()
    assert client.get("/flow").status_code == 200


def test_without_a_scan_the_sentence_names_none(folder: Path, visit: Visitor) -> None:
    shutil.rmtree(folder / "lake")
    answer = visit("auditor").get("/api/v1/gaps")
    assert answer.status_code == 400
    assert answer.json()["error"] == "There is no finished scan."


def test_no_answer_leads_to_the_host_that_a_request_names(visit: Visitor) -> None:
    client = visit("auditor")
    for path in ("/gaps/", "/matrix/", "/sign-in/", "/api/v1/gaps/", "/static/", "//evil.test/"):
        answer = client.get(path, headers={"host": "evil.test"})
        assert "evil.test" not in answer.headers.get("location", ""), path


def test_who_left_a_seat_cannot_act_in_it(site: Site, visit: Visitor) -> None:
    """Whoever kept the cookie has nothing."""
    room = open_room(site, visit)
    csrf = token_in(room.page("Ana"))
    left = room.browser("Ana").post(f"{room.path}/leave", data={"csrf": csrf})
    assert left.status_code == 303
    kept = visit()
    kept.cookies.set("sharedline-seat", room.secrets["Ana"], path=room.path)
    assert kept.get(f"{room.path}/state", headers={"accept": "application/json"}).status_code == 401
    assert _acts(kept, room.path, csrf) == 401
    assert room.browser("Ben").get(room.path).status_code == 200


def _acts(client: TestClient, path: str, csrf: str) -> int:
    form = {"csrf": csrf, "text": "still here", "visible": "everyone", "key": "k"}
    headers = {"accept": "application/json"}
    return client.post(f"{path}/do/noted", data=form, headers=headers).status_code
