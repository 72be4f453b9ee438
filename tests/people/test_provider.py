"""The settings `[oidc]`: what they mean, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from sharedline.errors import Error
from sharedline.people.model import Role
from sharedline.people.provider import Grant, Provider, provider_of
from sharedline.project import open_project

BASE = 'issuer = "https://i.example"\nclient_id = "c"\n'


def _provider(folder: Path, text: str) -> Provider | None:
    (folder / "sharedline.toml").write_text(text)
    return provider_of(open_project(folder))


def test_what_is_not_said_is_careful(tmp_path: Path) -> None:
    assert _provider(tmp_path, "") is None
    found = _provider(tmp_path, f"[oidc]\n{BASE}")
    assert found == Provider("https://i.example", "c")
    assert found is not None
    assert (found.create, found.role, found.secret()) == (False, Role.OWNER, "")
    assert found.granted(["admins"]) is None


def test_groups(tmp_path: Path) -> None:
    found = _provider(
        tmp_path,
        f'[oidc]\n{BASE}[oidc.groups]\na = {{role = "auditor", teams = ["x"]}}\n'
        'b = {role = "admin"}\nc = {teams = ["y", "x"]}\n',
    )
    assert found is not None
    assert found.granted(["c"]) == Grant(Role.OWNER, ("x", "y"))
    assert found.granted(["c", "a"]) == Grant(Role.OWNER, ("x", "y"))
    assert found.granted(["a", "b"]) == Grant(Role.ADMIN, ("x",))
    assert found.granted(["d"]) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('issuer = "http://i.example"\nclient_id = "c"', "no issuer"),
        ('issuer = "https://"\nclient_id = "c"', "no issuer"),
        ('issuer = "http://["\nclient_id = "c"', "no issuer"),
        ('client_id = "c"', "no issuer"),
        ('issuer = "https://i"', "no client_id"),
        (BASE + 'client_secret = "hunter2"', "stands in the file"),
        (BASE + 'scopes = ["email"]', "openid"),
        (BASE + 'role = "root"', "no role"),
        (BASE + "create = 1", "create"),
        (BASE + "other = 1", "other"),
        (BASE + "[oidc.groups]\na = 1", "what it gives"),
        (BASE + '[oidc.groups]\na = {rule = "admin"}', "what it gives"),
        (BASE + '[oidc.groups]\na = {role = "root"}', "no role"),
        (BASE + '[oidc.groups]\na = {teams = ["x,y"]}', "no name of a team"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Error, match=said) as raised:
        _provider(tmp_path, f"[oidc]\n{text}\n")
    assert "hunter2" not in str(raised.value)


def test_a_secret_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = _provider(tmp_path, f'[oidc]\n{BASE}client_secret = "env:OIDC_X"\n')
    assert found is not None
    with pytest.raises(Error, match="OIDC_X is not set"):
        found.secret()
    monkeypatch.setenv("OIDC_X", "hunter2")
    assert found.secret() == "hunter2"
    assert "hunter2" not in repr(found)
