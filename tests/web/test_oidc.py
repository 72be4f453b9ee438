"""Signing in with a real OpenID provider, and what an attacker between it and us cannot do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import http.client
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient
from tests.web import provider
from tests.web.conftest import Visitor

from sharedline.people import accounts, audit
from sharedline.people.model import Role
from sharedline.web.site import Site

CALLBACK = "http://testserver/oidc/callback"
KEY = RSAKey.generate_key(2048, auto_kid=True)
Change = Callable[[Any], Any]


class Between(ThreadingHTTPServer):
    """All that is said to the provider goes through here; `change` alters answers by their path."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Pass)
        self.port, self.change, self.asked = port, dict[str, Change](), list[str]()

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class _Pass(BaseHTTPRequestHandler):
    server: Between

    def do_GET(self) -> None:
        size = int(self.headers.get("content-length", 0))
        with closing(http.client.HTTPConnection("127.0.0.1", self.server.port)) as onward:
            body = self.rfile.read(size) if size else None
            onward.request(self.command, self.path, body, dict(self.headers))
            answer = onward.getresponse()
            read = answer.read()
        path = urlsplit(self.path).path
        self.server.asked.append(path)
        if change := self.server.change.get(path):
            read = json.dumps(change(json.loads(read))).encode()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(read)))
        self.end_headers()
        self.wfile.write(read)

    do_POST = do_GET  # noqa: N815 named by the server

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a provider in a process of its own."""
    file, key = tmp_path_factory.mktemp("provider") / "p.db", KEY.as_dict(private=True)
    command = [sys.executable, provider.__file__, json.dumps(key), CALLBACK, str(file)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


@pytest.fixture
def between(real: int) -> Iterator[Between]:
    with Between(real) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


#: What stands in the settings besides who the provider is; a test may ask for others.
CREATE = "create = true"


@pytest.fixture
def folder(
    tmp_path: Path,
    between: Between,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A project without a scan that names the provider."""
    monkeypatch.setenv("OIDC_SECRET", provider.SECRET)
    made = tmp_path / "project"
    made.mkdir()
    (made / "sharedline.toml").write_text(
        f'[oidc]\nissuer = "{between.issuer}"\nclient_id = "{provider.CLIENT}"\n'
        'client_secret = "env:OIDC_SECRET"\nname = "Example"\n'
        'scopes = ["openid", "profile", "email", "groups"]\n' + getattr(request, "param", CREATE)
    )
    return made


def settings(text: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("folder", [text], indirect=True, ids=["settings"])


def _form(page: httpx2.Response, **fields: str) -> dict[str, str]:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text[:500]
    return {"csrf_token": html.unescape(found[1]), **fields}


def back_from(there: str, name: str = "ann") -> str:
    """Signs in at the provider, as a person would; the path and query with which it sends back."""
    with httpx2.Client(timeout=30) as browser:
        page = browser.get(there, follow_redirects=True)
        page = browser.post(str(page.url), data=_form(page, login=name), follow_redirects=True)
        answer = browser.post(str(page.url), data=_form(page, password=provider.PASSWORD))
        while not answer.headers["location"].startswith(CALLBACK):
            answer = browser.get(str(answer.url.join(answer.headers["location"])))
            assert answer.is_redirect, answer.text[:500]
    return str(answer.headers["location"]).removeprefix("http://testserver")


def begin(browser: TestClient, next: str = "/account") -> str:
    answer = browser.get("/oidc/start", params={"next": next})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def who(browser: TestClient) -> str:
    """Who has signed in with a browser; empty for nobody."""
    found = re.search(r"<p class=\"soft\">([^,]+),", browser.get("/account").text)
    return found[1] if found else ""


def _people(site: Site) -> set[str]:
    with site.database.read() as connection:
        return {p.name for p in accounts.people(connection)}


ROLES = {"admin", "editor", "owner", "auditor"}


def test_there_and_back(visit: Visitor, site: Site, between: Between) -> None:
    browser = visit()
    assert (
        'href="/oidc/start?next=%2Fgaps%3Fa%3Db">Sign in with Example'
        in browser.get("/sign-in?next=/gaps?a=b").text
    )
    there = begin(browser, "/gaps?a=b")
    asked = {k: v[0] for k, v in parse_qs(urlsplit(there).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["response_type"] == "code"
    assert len(asked["state"]) >= 43
    assert len(asked["nonce"]) >= 43
    assert provider.SECRET not in there
    answer = browser.get(back_from(there))
    assert answer.status_code == 303, answer.text
    assert (answer.status_code, answer.headers["location"]) == (303, "/gaps?a=b")
    assert "sharedline-oidc" not in browser.cookies
    assert who(browser) == "ann"
    with site.database.read() as connection:
        ann = accounts.get(connection, "ann")
        records = audit.read(connection).records
    assert ann is not None
    assert (ann.full_name, ann.email, ann.role) == (
        "Ann Antonsdóttir",
        "ann@example.org",
        Role.OWNER,
    )
    assert ann.teams == ()
    assert [r.action for r in records[:2]] == ["session.open", "person.add"]
    again = visit()
    again.get(back_from(begin(again)))
    assert who(again) == "ann"
    assert _people(site) == ROLES | {"ann"}


def _read(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return found


def forged(change: Change, *, key: RSAKey = KEY) -> Change:
    """Signs the ID token anew, with the provider's own key, after its claims were changed."""

    def answer(token: dict[str, Any]) -> dict[str, Any]:
        assert "id_token" in token, token
        header, claims = map(_read, token["id_token"].split(".")[:2])
        signed = jwt.encode(header, change(claims), key, algorithms=[header["alg"]])
        return {**token, "id_token": signed}

    return answer


def _without(name: str) -> Change:
    return lambda claims: {k: v for k, v in claims.items() if k != name}


def _with(**changed: Any) -> Change:
    return lambda claims: {**claims, **changed}


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _unsigned(token: dict[str, Any]) -> dict[str, Any]:
    claims = token["id_token"].split(".")[1]
    return {**token, "id_token": f"{_part({'alg': 'none'})}.{claims}."}


def _signed_with_the_public_key(token: dict[str, Any]) -> dict[str, Any]:
    said = f"{_part({'alg': 'HS256', 'kid': KEY.kid})}.{token['id_token'].split('.')[1]}"
    made = hmac.digest(KEY.as_pem(private=False), said.encode(), hashlib.sha256)
    return {**token, "id_token": f"{said}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"}


OTHER = RSAKey.import_key({**RSAKey.generate_key(2048).as_dict(private=True), "kid": KEY.kid or ""})
ATTACKS: dict[str, Change] = {
    "another nonce": forged(_with(nonce="x")),
    "no nonce": forged(_without("nonce")),
    "an empty nonce": forged(_with(nonce="")),
    "for another client": forged(_with(aud="somebody-else")),
    "for several clients, ours too, asked by another": forged(
        _with(aud=[provider.CLIENT, "somebody-else"], azp="somebody-else")
    ),
    "for nobody": forged(_without("aud")),
    "of another issuer": forged(_with(iss="https://evil.example/")),
    "of no issuer": forged(_without("iss")),
    "expired": forged(_with(exp=int(time.time()) - 120)),
    "without an end": forged(_without("exp")),
    "not valid yet": forged(_with(nbf=int(time.time()) + 3_600)),
    "of nobody": forged(_without("sub")),
    "of an empty name": forged(_with(sub="")),
    "of a number": forged(_with(sub=7)),
    "of another access token": forged(_with(at_hash="AAAAAAAAAAAAAAAAAAAAAA")),
    "signed by another key of that name": forged(_with(), key=OTHER),
    "not signed": _unsigned,
    "signed with the public key as a secret": _signed_with_the_public_key,
    "no ID token": lambda token: {k: v for k, v in token.items() if k != "id_token"},
    "no token at all": lambda token: {**token, "id_token": "x.y.z"},
    "a list": lambda token: {**token, "id_token": ["x"]},
}


def test_a_token_signed_anew_unchanged_is_taken(visit: Visitor, between: Between) -> None:
    """Else the attacks below would fail for another reason than theirs."""
    between.change["/oauth/token"] = forged(_with())
    browser = visit()
    assert browser.get(back_from(begin(browser))).status_code == 303
    assert who(browser) == "ann"


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_tokens_that_are_refused(
    visit: Visitor, site: Site, between: Between, attack: Change
) -> None:
    between.change["/oauth/token"] = attack
    browser = visit()
    answer = browser.get(back_from(begin(browser)))
    assert answer.status_code == 403, answer.text
    assert "provider" in answer.text
    assert "sharedline" not in browser.cookies
    assert _people(site) == ROLES
    with site.database.read() as connection:
        record = audit.read(connection).records[0]
    assert (record.action, record.who) == ("session.refused", "nobody")


def test_another_browsers_answer_is_refused(visit: Visitor, between: Between) -> None:
    """Who sends somebody their own answer signs them in as themselves: the state says no."""
    attacker, victim = visit(), visit()
    back = back_from(begin(attacker))
    for prepare in (lambda: None, lambda: begin(victim)):
        prepare()
        answer = victim.get(back)
        assert answer.status_code == 403
        assert "did not begin" in answer.text
        assert who(victim) == ""
    assert "/oauth/token" not in between.asked
    wrong = re.sub("state=[^&]+", "state=", back)
    assert attacker.get(wrong).status_code == 403
    assert attacker.get(back).status_code == 303


def test_a_stolen_code_is_of_no_use(visit: Visitor) -> None:
    """Another browser has another verifier (PKCE), and the provider asks for it."""
    victim, thief = visit(), visit()
    stolen = parse_qs(urlsplit(back_from(begin(victim))).query)["code"][0]
    own = parse_qs(urlsplit(begin(thief)).query)["state"][0]
    answer = thief.get("/oidc/callback", params={"code": stolen, "state": own})
    assert answer.status_code == 403
    assert "refused" in answer.text
    assert who(thief) == ""


def test_a_code_is_good_once(visit: Visitor) -> None:
    browser = visit()
    there = begin(browser)
    kept = browser.cookies["sharedline-oidc"]
    back = back_from(there)
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 403  # the browser has forgotten it
    other = visit()
    other.cookies.set("sharedline-oidc", kept)
    answer = other.get(back)
    assert answer.status_code == 403
    assert "refused" in answer.text
    assert who(other) == ""


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("&iss=https%3A%2F%2Fevil.example%2F", "another provider"),
        ("&error=access_denied", "access_denied"),
        ("&error=%3Cscript%3E", "no code"),
    ],
)
def test_answers_that_are_not_a_yes(visit: Visitor, query: str, said: str) -> None:
    browser = visit()
    state = parse_qs(urlsplit(begin(browser)).query)["state"][0]
    answer = browser.get(f"/oidc/callback?state={state}&code=x{query}")
    assert answer.status_code == 403
    assert said in answer.text
    assert "<script>" not in answer.text


@pytest.mark.parametrize("kept", ["", "zz", "7b7d", b"[]".hex(), b'{"state":1}'.hex()])
def test_a_cookie_that_is_none_of_ours(visit: Visitor, kept: str) -> None:
    browser = visit()
    if kept:
        browser.cookies.set("sharedline-oidc", kept)
    assert browser.get("/oidc/callback?code=x&state=").status_code == 403


@settings("")
def test_who_has_no_account_is_told_how_to_get_one(
    visit: Visitor, site: Site, between: Between
) -> None:
    """An account with the same address for mail is somebody else's until an admin says so."""
    with site.database.begin() as connection:
        accounts.add(connection, "ann", "", "ann@example.org", "admin", (), "a long phrase of hers")
        changed = accounts.add(
            connection, "a2", "", "x@example.org", "auditor", (), "quite another phrase"
        )
    browser = visit()
    answer = browser.get(back_from(begin(browser)))
    assert answer.status_code == 403, answer.text
    assert "no account here yet" in answer.text
    assert "&#39;ann&#39;" in answer.text
    assert who(browser) == ""
    with site.database.begin() as connection:
        accounts.change(connection, changed.id, provider=(between.issuer, "ann"))
    answer = browser.get(back_from(begin(browser)))
    assert answer.status_code == 303, answer.text
    assert who(browser) == "a2"
    with site.database.begin() as connection:
        accounts.deactivate(connection, changed.id)
    assert who(browser) == ""
    answer = browser.get(back_from(begin(browser)))
    assert answer.status_code == 403, answer.text
    assert "deactivated" in answer.text


def test_who_comes_new_never_takes_a_name(visit: Visitor, site: Site) -> None:
    with site.database.begin() as connection:
        accounts.add(connection, "ann", "", "ann@example.org", "admin", (), "a long phrase of hers")
    browser = visit()
    browser.get(back_from(begin(browser)))
    assert who(browser) == "ann-2"
    with site.database.read() as connection:
        made = accounts.get(connection, "ann-2")
        assert made is not None
        assert made.role is Role.OWNER


GROUPS = (
    CREATE + '\n[oidc.groups]\ncloud-admins = {role = "editor"}\ndata-team = {teams = ["data"]}\n'
)


@settings(GROUPS)
def test_groups_give_role_and_teams(visit: Visitor, site: Site, between: Between) -> None:
    browser = visit()
    browser.get(back_from(begin(browser)))
    with site.database.read() as connection:
        ann = accounts.get(connection, "ann")
    assert ann is not None
    assert (ann.role, ann.teams) == (Role.EDITOR, ("data",))
    other = visit()
    answer = other.get(back_from(begin(other), "bo"))
    assert answer.status_code == 403
    assert "None of your groups" in answer.text
    assert "bo" not in _people(site)
    between.change["/oauth/token"] = forged(_with(groups=["data-team", 7, "root"]))
    browser.get(back_from(begin(browser)))
    with site.database.read() as connection:
        ann = accounts.get(connection, "ann")
        records = audit.read(connection, audit.Filters(action="person.change")).records
    assert ann is not None
    assert (ann.role, ann.teams) == (Role.OWNER, ("data",))
    assert records[0].detail == {"role": ["editor", "owner"]}


def test_what_is_only_told_when_asked_must_be_of_the_same_person(
    visit: Visitor, site: Site, between: Between
) -> None:
    bare = _without("name")
    between.change["/oauth/token"] = forged(lambda claims: bare(_without("email")(claims)))
    between.change["/oauth/userinfo"] = lambda told: {**told, "sub": "bo"}
    browser = visit()
    answer = browser.get(back_from(begin(browser)))
    assert answer.status_code == 403
    assert "somebody else" in answer.text
    del between.change["/oauth/userinfo"]
    browser.get(back_from(begin(browser)))
    with site.database.read() as connection:
        ann = accounts.get(connection, "ann")
    assert ann is not None
    assert (ann.full_name, ann.email) == ("Ann Antonsdóttir", "ann@example.org")


def test_a_provider_may_change_its_keys(visit: Visitor, between: Between) -> None:
    old = RSAKey.generate_key(2048, auto_kid=True).as_dict(private=False)
    between.change["/oauth/jwks.json"] = lambda _: {"keys": [old]}
    browser = visit()
    assert browser.get(back_from(begin(browser))).status_code == 403
    del between.change["/oauth/jwks.json"]
    assert browser.get(back_from(begin(browser))).status_code == 303


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: {**d, "issuer": "https://evil.example"}, "calls itself"),
        (lambda d: {**d, "authorization_endpoint": None}, "no authorization_endpoint"),
        (lambda d: [d], "does not say what it should"),
        (lambda d: {"x": "x" * 1_100_000}, "too much"),
    ],
)
def test_a_provider_that_describes_itself_wrongly(
    visit: Visitor, between: Between, change: Change, said: str
) -> None:
    between.change["/.well-known/openid-configuration"] = change
    answer = visit().get("/oidc/start")
    assert answer.status_code == 502
    assert said in answer.text


def test_a_provider_that_is_not_there(visit: Visitor, site: Site, between: Between) -> None:
    between.change["/.well-known/openid-configuration"] = lambda _: int("x")
    answer = visit().get("/oidc/start")
    assert answer.status_code == 502
    assert "cannot be asked" in answer.text


def test_a_secret_that_is_not_set(visit: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OIDC_SECRET")
    answer = visit().get("/oidc/start")
    assert answer.status_code == 400
    assert "OIDC_SECRET" in answer.text
