"""Requests that nobody's browser makes: each gets a sentence, none a 5xx, none much memory."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from starlette.testclient import TestClient
from tests.web.conftest import Visitor, token_in
from tests.web.rooms import open_room

from sharedline.people import tokens
from sharedline.people.accounts import get
from sharedline.web.app import create_app
from sharedline.web.shield import LARGEST
from sharedline.web.site import Site, now

FORM = "application/x-www-form-urlencoded"
PAGES = ("/gaps", "/matrix", "/flow", "/sign-in", "/resource", "/audit", "/trail", "/exercises")
FORMS = ("/sign-in", "/join", "/account/tokens", "/account/password", "/people", "/exercises/new",
         "/gaps/finding/claim")  # fmt: skip
API = ("/api/v1/exercises/runs", "/api/v1/claims", "/api/v1/comments", "/api/v1/waivers",
       "/api/v1/people")  # fmt: skip
PARTS = b"".join(
    b'--B\r\nContent-Disposition: form-data; name="a%d"\r\n\r\nx\r\n' % n for n in range(20_000)
)


def _bodies() -> Iterator[tuple[str, bytes, str]]:
    """What is sent as a form: its name, itself, its kind."""
    multipart = "multipart/form-data; boundary=B"
    yield "a field of 1 MB", b"name=" + b"x" * 1_000_000, FORM
    yield "a coded field of 1 MB", b"name=" + b"%00" * 330_000, FORM
    yield "100,000 fields", b"&".join(b"k%d=v" % n for n in range(100_000)), FORM
    yield "10 MB", b"name=" + b"x" * 10_000_000, FORM
    yield "nulls", b"&".join(w + b"=%00" for w in (b"name", b"code", b"password", b"days")), FORM
    yield "halves of characters", b"&".join(w + b"=%ed%a0%80" for w in (b"name", b"days")), FORM
    yield "20,000 parts", PARTS + b"--B--\r\n", multipart
    yield "half a part", b"--B\r\nzzz", multipart
    yield "no boundary", b"--B\r\nzzz", "multipart/form-data"
    yield "JSON", b'{"name": 1}', "application/json"


def _documents() -> Iterator[tuple[str, bytes]]:
    """What is sent as JSON."""
    yield "deep lists", b"[" * 200_000 + b"]" * 200_000
    yield "deep mappings", b'{"data":' * 100_000 + b"1" + b"}" * 100_000
    for number in (900, 50_000):
        deep = b"[" * number + b"]" * number
        yield f"{number} deep", b'{"scenario":"public-bucket","settings":{"teams":%b}}' % deep
    yield (
        "nulls",
        b'{"scenario":"a\\u0000","check":"\\u0000","resource":"\\u0000","text":"\\u0000"}',
    )
    yield "half a character", b'{"scenario":"\\ud800","check":"\\ud800","resource":"\\ud800"}'
    yield "no UTF-8", b'{"scenario":"\xff"}'
    yield "no numbers", b'{"scenario":NaN,"settings":{"speed":NaN}}'
    yield "a long number", b'{"scenario":"x","settings":{"speed":%b}}' % (b"9" * 10_000)
    yield "90,000 keys", json.dumps({f"k{n}": 1 for n in range(90_000)}).encode()
    yield "10 MB", b'"' + b"x" * 10_000_000 + b'"'


def _sentence(answer: Any, where: str, sent: int = 0) -> None:
    """It is refused in a few words; a form that is shown again is no longer than what was sent."""
    assert 400 <= answer.status_code < 500, (where, answer.status_code, answer.text[:300])
    assert len(answer.content) < 30_000 + 4 * min(sent, LARGEST), where
    assert "Traceback" not in answer.text, where
    if answer.headers["content-type"].startswith("application/json"):
        said = answer.json()["error"]
    else:
        said = re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2]).strip()
    assert len(said) > 10, where
    answer.text.encode("utf-8")


def _admin(site: Site, visit: Visitor) -> tuple[TestClient, str, dict[str, str]]:
    client = visit("admin")
    csrf = token_in(client.get("/account").text)
    with site.database.begin() as connection:
        person = get(connection, "admin")
        assert person is not None
        made = tokens.make(connection, person, "t", 1, now())[1]
    return client, csrf, {"authorization": f"Bearer {made}"}


def test_queries(site: Site, visit: Visitor) -> None:
    client, _, token = _admin(site, visit)
    for path in (*PAGES, "/api/v1/gaps", "/api/v1/audit", "/api/v1/people"):
        headers = token if path.startswith("/api") else {}
        for query in ("a=1&" * 10_000, "owner=v&" * 7_000, "owner=%00&q=%00&page=%00&size=%00",
                      "owner=%ed%a0%80&arn=%ff&q=%ed%a0%80&scan=%ff&next=%ff"):  # fmt: skip
            answer = client.get(f"{path}?{query}", headers=headers)
            assert answer.status_code < 500, (path, query[:20])
            if "http-equiv" not in answer.text and answer.status_code >= 400:
                _sentence(answer, path)


def test_forms(site: Site, visit: Visitor) -> None:
    client, csrf, _ = _admin(site, visit)
    room = open_room(site, visit)
    for path in (*FORMS, f"{room.path}/do/noted", f"{room.path}/seats"):
        for name, body, kind in _bodies():
            headers = {"content-type": kind, "x-csrf-token": csrf}
            answer = client.post(path, content=body, headers=headers)
            if answer.status_code == 303 and path.startswith("/room"):
                assert answer.headers["location"].endswith("/enter"), "no seat there"
            elif answer.status_code != 303 or path != "/exercises/new":
                _sentence(answer, f"{path}: {name}", len(body))


def test_documents(site: Site, visit: Visitor) -> None:
    client, _, token = _admin(site, visit)
    run = client.post("/api/v1/exercises/runs", json={"scenario": "public-bucket"}, headers=token)
    acts = f"/api/v1/exercises/runs/{run.json()['id']}/acts"
    for path in (*API, acts):
        for name, body in _documents():
            headers = {**token, "content-type": "application/json"}
            answer = client.post(path, content=body, headers=headers)
            _sentence(answer, f"{path}: {name}")
        answer = client.post(path, files={"a": ("b", b"c")}, headers=token)
        _sentence(answer, f"{path}: a form")


def test_no_more_is_read_than_is_allowed(site: Site) -> None:
    """A body of ten gigabytes is not waited for."""
    app, asked, said = create_app(site), [0], list[Mapping[str, Any]]()

    async def receive() -> dict[str, Any]:
        asked[0] += 1
        return {"type": "http.request", "body": b"x" * 65_536, "more_body": True}

    async def send(message: Mapping[str, Any]) -> None:
        said.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": "/sign-in",
        "raw_path": b"/sign-in", "query_string": b"", "scheme": "http", "root_path": "",
        "headers": [(b"host", b"x"), (b"content-type", FORM.encode())],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {}, "extensions": {},
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    assert said[0]["status"] in (400, 413)
    assert asked[0] <= LARGEST // 65_536 + 2
