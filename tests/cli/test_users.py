"""`sharedline users`: the first admin from the terminal, and all else an admin does without pages."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner, Result

from sharedline.cli.main import command
from sharedline.errors import Error
from sharedline.people import accounts, audit, passwords, sessions, tokens
from sharedline.project import open_project
from sharedline.state.database import Database

PHRASE = "seven blue lanterns"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64))


@pytest.fixture
def folder(tmp_path: Path, database_url: str) -> Path:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "sharedline.toml").write_text(f'database = "{database_url}"\n')
    return tmp_path / "p"


def run(folder: Path, *words: str, given: str = "") -> Result:
    result = CliRunner().invoke(command, ["users", *words, "--dir", str(folder)], input=given)
    if isinstance(result.exception, Error):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def _database(folder: Path) -> Database:
    return Database(open_project(folder).database_url)


def test_the_first_admin(folder: Path) -> None:
    assert "Nobody may sign in" in run(folder, "list").output
    said = run(folder, "add", "Ann", "--role", "admin", given=f"{PHRASE}\n{PHRASE}\n").output
    assert "Added ann (admin)" in said
    assert PHRASE not in said
    with closing(_database(folder)) as database, database.read() as connection:
        assert accounts.check_password(connection, "ann", PHRASE) is not None
        record = audit.read(connection).records[0]
    assert (record.action, record.target, record.role) == ("person.add", "ann", "terminal")
    assert record.who.startswith("terminal:")
    found = json.loads(run(folder, "list", "--format", "json").output)
    assert found[0]["signs_in_by"] == "password"
    assert "ann" in run(folder, "list").output


def test_a_password_comes_from_stdin_or_is_typed_twice(folder: Path) -> None:
    run(folder, "add", "ann", "--role", "admin", "--password-stdin", given=f"{PHRASE}\n")
    with pytest.raises(Error, match="at least 15"):
        run(folder, "add", "bo", "--role", "owner", "--password-stdin", given="short\n")
    with pytest.raises(Error, match="had no password"):
        run(folder, "add", "bo", "--role", "owner", "--password-stdin")
    result = CliRunner().invoke(
        command, ["users", "add", "bo", "--role", "owner", "--dir", str(folder)],
        input=f"{PHRASE}\nanother one again\n",
    )  # fmt: skip
    assert result.exit_code != 0
    assert len(json.loads(run(folder, "list", "--format", "json").output)) == 1


def test_somebody_of_a_provider_has_no_password(folder: Path) -> None:
    run(folder, "add", "bo", "--role", "owner", "--issuer", "https://i", "--subject", "7")
    found = json.loads(run(folder, "list", "--format", "json").output)
    assert found[0]["signs_in_by"] == "provider"


def test_change_password_remove(folder: Path) -> None:
    run(folder, "add", "ann", "--role", "admin", "--password-stdin", given=PHRASE)
    run(folder, "add", "bo", "--role", "owner", "--team", "data", "--password-stdin", given=PHRASE)
    assert "Changed bo" in run(folder, "change", "bo", "--role", "auditor", "--no-teams").output
    assert "so already" in run(folder, "change", "bo", "--role", "auditor").output
    with closing(_database(folder)) as database:
        with database.begin() as connection:
            bo = accounts.get(connection, "bo")
            assert bo is not None
            assert (bo.role, bo.teams) == ("auditor", ())
            sessions.open_session(connection, bo, "")
        run(folder, "password", "bo", "--password-stdin", given="nine grey harbours\n")
        with database.read() as connection:
            assert accounts.check_password(connection, "bo", "nine grey harbours") is not None
            assert sessions.of(connection, bo.id, datetime.now(UTC)) == []
        run(folder, "remove", "bo")
        with database.read() as connection:
            assert accounts.check_password(connection, "bo", "nine grey harbours") is None
            actions = [r.action for r in audit.read(connection).records]
    assert actions[:3] == ["person.deactivate", "person.new-password", "person.change"]
    assert "removed" in run(folder, "list").output
    run(folder, "change", "bo", "--active")
    with pytest.raises(Error, match="last admin"):
        run(folder, "remove", "ann")
    with pytest.raises(Error, match="nobody called"):
        run(folder, "remove", "cy")


def test_teams(folder: Path) -> None:
    assert "no team yet" in run(folder, "teams").output
    run(folder, "teams", "data", "--account", "222222222222", "--account", "111111111111")
    found = json.loads(run(folder, "teams", "--format", "json").output)
    assert found == [{"team": "data", "accounts": "111111111111, 222222222222"}]
    assert "111111111111" in run(folder, "teams", "data").output
    assert "nobody and no account" in run(folder, "teams", "data", "--no-accounts").output
    with pytest.raises(Error, match="Whose"):
        run(folder, "teams", "--account", "111111111111")


def test_tokens(folder: Path) -> None:
    run(folder, "add", "ann", "--role", "admin", "--password-stdin", given=PHRASE)
    assert "No token" in run(folder, "tokens", "ann").output
    token = run(folder, "tokens", "ann", "--make", "the build", "--days", "3").stdout.strip()
    with closing(_database(folder)) as database:
        found = tokens.bearer(database, token)
        assert found is not None
        assert found.name == "ann"
        row = json.loads(run(folder, "tokens", "ann", "--format", "json").output)[0]
        assert (row["name"], row["state"], token in repr(row)) == ("the build", "live", False)
        assert "the build" in run(folder, "tokens", "ann").output
        run(folder, "tokens", "ann", "--revoke", str(row["id"]))
        assert tokens.bearer(database, token) is None
        with database.read() as connection:
            assert token not in repr(audit.read(connection))
    with pytest.raises(Error, match="no token"):
        run(folder, "tokens", "ann", "--revoke", "99")
