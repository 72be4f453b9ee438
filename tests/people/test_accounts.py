"""Accounts: what is refused, what follows from a change, that the last admin stays."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from tests.people.conftest import PHRASE

from sharedline.errors import Error
from sharedline.people import accounts, passwords, sessions, teams, tokens
from sharedline.people.model import Role, Scope
from sharedline.state.database import Database
from sharedline.state.tables import PERSON

A, B = "111111111111", "222222222222"


def test_who_was_added_is_found_by_id_and_by_name(database: Database) -> None:
    with database.begin() as connection:
        ann = accounts.add(
            connection, " Ann ", "Ann Ó Méid", "ann@example.org", "owner", ["ops", "data"], PHRASE
        )
    assert (ann.name, ann.role, ann.teams, ann.active) == ("ann", Role.OWNER, ("data", "ops"), True)
    with database.read() as connection:
        assert accounts.get(connection, ann.id) == accounts.get(connection, "ANN") == ann
        assert accounts.people(connection) == [ann]
        assert accounts.get(connection, "ann' or 1=1 --") is None
        assert accounts.get(connection, "\0") is None
        assert accounts.get(connection, 7) is None
        kept = connection.execute(sa.select(PERSON.c.password)).scalar_one()
    assert kept.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "no name"),
        ({"name": "a b"}, "no name"),
        ({"name": "аnn"}, "no name"),  # a Cyrillic а looks like ours
        ({"name": "x" * 201}, "no name"),
        ({"full_name": "a\nb"}, "one line"),
        ({"full_name": "a\u202eb"}, "one line"),
        ({"email": "nobody"}, "no address"),
        ({"email": "a@b@c"}, "no address"),
        ({"role": "participant"}, "no role"),
        ({"role": "root"}, "no role"),
        ({"members_of": ["a,b"]}, "no name of a team"),
        ({"members_of": [" "]}, "no name of a team"),
        ({"password": "short"}, "at least 15"),
        ({"issuer": "https://x"}, "its issuer and"),
        ({"issuer": "https://x", "subject": "a\0b"}, "no issuer"),
    ],
)
def test_what_is_refused(database: Database, change: dict[str, object], said: str) -> None:
    given = {"name": "ann", "role": "owner", "password": PHRASE, **change}
    with pytest.raises(Error, match=said), database.begin() as connection:
        accounts.add(connection, **given)  # type: ignore[arg-type]
    with database.read() as connection:
        assert accounts.people(connection) == []


def test_a_name_and_a_provider_are_one_persons(database: Database) -> None:
    with database.begin() as connection:
        accounts.add(connection, "ann", role="owner", issuer="https://i", subject="1")
        accounts.add(connection, "bo", role="owner", issuer="https://i", subject="2")
    with pytest.raises(Error, match="already"), database.begin() as connection:
        accounts.add(connection, "Ann", role="owner", password=PHRASE)
    with pytest.raises(Error, match="taken"), database.begin() as connection:
        accounts.add(connection, "cy", role="owner", issuer="https://i", subject="1")
    with pytest.raises(Error, match="Somebody else"), database.begin() as connection:
        bo = accounts.get(connection, "bo")
        assert bo is not None
        accounts.change(connection, bo.id, provider=("https://i", "1"))
    with database.read() as connection:
        found = accounts.by_provider(connection, "https://i", "2")
        assert found is not None
        assert found.name == "bo"
        assert accounts.provider_of(connection, found.id) == ("https://i", "2")
        assert not accounts.has_password(connection, found.id)
        for other in (("https://i", ""), ("", "2"), ("https://j", "2"), ("https://i", "2\0")):
            assert accounts.by_provider(connection, *other) is None


def test_a_password_is_checked_however_it_is_typed(database: Database) -> None:
    with database.begin() as connection:
        accounts.add(connection, "ann", role="owner", password="caf\u00e9 con mucha leche")
        accounts.add(connection, "cy", role="owner", issuer="https://i", subject="1")
    with database.read() as connection:
        found = accounts.check_password(connection, "ANN ", "cafe\u0301 con mucha leche")
        assert found is not None
        assert found.name == "ann"
        for name, password in [
            ("ann", ""), ("ann", "cafe con mucha leche"), ("bo", "caf\u00e9 con mucha leche"), ("", ""),
            ("cy", ""), ("ann", "x" * 5_000), ("\0", "x"), ("ann", "\ud800"),
        ]:  # fmt: skip
            assert accounts.check_password(connection, name, password) is None


def test_names_that_nobody_has_cost_the_same_work(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the time of the answer tells which names exist."""
    with database.begin() as connection:
        accounts.add(connection, "ann", role="owner", password=PHRASE)
        accounts.add(connection, "gone", role="owner", password=PHRASE)
        accounts.add(connection, "sso", role="owner", issuer="https://i", subject="1")
        gone = accounts.get(connection, "gone")
        assert gone is not None
        accounts.deactivate(connection, gone.id)
    verified: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
            verified.append(str(hash).split("$")[3])
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "HASHER", Counting(time_cost=1, memory_cost=64))
    passwords._nobody.cache_clear()
    with database.read() as connection:
        for name in ("ann", "gone", "sso", "nobody", "no such name!"):
            assert accounts.check_password(connection, name, "wrong wrong wrong") is None
    assert len(verified) == 5
    assert len(set(verified)) == 1


def test_a_password_is_kept_anew_when_the_parameters_changed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kept() -> str:
        with database.read() as connection:
            return str(connection.execute(sa.select(PERSON.c.password)).scalar_one())

    with database.begin() as connection:
        ann = accounts.add(connection, "ann", role="owner", password=PHRASE)
        old = connection.execute(sa.select(PERSON.c.password)).scalar_one()
        accounts.refresh_password(connection, ann, PHRASE)
    assert kept() == old
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=2, memory_cost=64))
    with database.begin() as connection:
        assert accounts.check_password(connection, "ann", PHRASE) == ann
        accounts.refresh_password(connection, ann, PHRASE)
    assert ",t=2," in kept().replace("m=64", "")
    with database.read() as connection:
        assert accounts.check_password(connection, "ann", PHRASE) == ann


def test_deactivating_ends_sessions_and_tokens(database: Database) -> None:
    now = datetime.now(UTC)
    with database.begin() as connection:
        ann = accounts.add(connection, "ann", role="owner", password=PHRASE)
        secret, _ = sessions.open_session(connection, ann, "")
        _, token = tokens.make(connection, ann, "ci", 9)
        assert not accounts.deactivate(connection, ann.id).active
    with database.begin() as connection:
        assert sessions.find(connection, secret, now) is None
        assert tokens.find(connection, token, now) is None
        assert accounts.check_password(connection, "ann", PHRASE) is None
        with pytest.raises(Error, match="deactivated"):
            tokens.make(connection, accounts.deactivate(connection, ann.id), "ci", 9)
    with database.begin() as connection:
        accounts.change(connection, ann.id, active=True)
        assert accounts.check_password(connection, "ann", PHRASE) is not None
        assert sessions.find(connection, secret, now) is None
        assert tokens.find(connection, token, now) is None


def test_a_new_password_ends_the_other_sessions(database: Database) -> None:
    now = datetime.now(UTC)
    with database.begin() as connection:
        ann = accounts.add(connection, "ann", role="owner", password=PHRASE)
        here, _ = sessions.open_session(connection, ann, "here")
        there, _ = sessions.open_session(connection, ann, "there")
        accounts.set_password(connection, ann.id, "nine grey harbours", keep=here)
        assert sessions.find(connection, here, now) is not None
        assert sessions.find(connection, there, now) is None
        assert accounts.check_password(connection, "ann", PHRASE) is None
        assert accounts.check_password(connection, "ann", "nine grey harbours") == ann


def test_the_last_admin_stays(database: Database) -> None:
    with database.begin() as connection:
        ann = accounts.add(connection, "ann", role="admin", password=PHRASE)
        bo = accounts.add(connection, "bo", role="admin", password=PHRASE)
        accounts.deactivate(connection, bo.id)
    with pytest.raises(Error, match="last admin"), database.begin() as connection:
        accounts.deactivate(connection, ann.id)
    with pytest.raises(Error, match="last admin"), database.begin() as connection:
        accounts.change(connection, ann.id, role="editor")
    with database.begin() as connection:
        accounts.change(connection, ann.id, role="admin", full_name="Ann")
        accounts.change(connection, bo.id, active=True)
        accounts.change(connection, ann.id, role="editor")


def test_two_admins_cannot_both_go_at_once(database: Database) -> None:
    with database.begin() as connection:
        ids = [accounts.add(connection, n, role="admin", password=PHRASE).id for n in ("ann", "bo")]
    together, refused = threading.Barrier(2), []

    def go(person_id: int) -> None:
        together.wait()
        try:
            with database.begin() as connection:
                accounts.deactivate(connection, person_id)
        except Error as error:
            refused.append(error.message)

    threads = [threading.Thread(target=go, args=(i,)) for i in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        assert sum(p.active for p in accounts.people(connection)) == 1
    assert len(refused) == 1
    assert "last admin" in refused[0]


def test_scope_follows_role_and_teams(database: Database) -> None:
    with database.begin() as connection:
        made = {
            role: accounts.add(connection, role, role=role, members_of=["data"], password=PHRASE)
            for role in accounts.ROLES
        }
        assert teams.set_accounts(connection, "data", [B, A, A]) == (A, B)
        assert teams.set_accounts(connection, "web", ["333333333333"]) == ("333333333333",)
        for role in (Role.ADMIN, Role.EDITOR, Role.AUDITOR):
            found = accounts.get(connection, made[role].id)
            assert found is not None
            assert found.scope.everything
        owner = accounts.get(connection, "owner")
        assert owner is not None
        assert owner.scope == Scope(frozenset({A, B}), frozenset({"data"}))
        assert accounts.people(connection)[3] == owner
        assert owner.scope.covers(A, "nobody")
        assert owner.scope.covers("333333333333", "data")
        assert not owner.scope.covers("333333333333", "web")
        assert teams.teams(connection) == {"data": (A, B), "web": ("333333333333",)}
        assert teams.set_accounts(connection, "data", []) == ()
        alone = accounts.change(connection, owner.id, members_of=[])
        assert alone.scope == Scope(frozenset(), frozenset())
        assert not alone.scope.covers(A, "data")
        with pytest.raises(Error, match="twelve digits"):
            teams.set_accounts(connection, "data", ["1234"])


def test_what_a_change_made_different(database: Database) -> None:
    with database.begin() as connection:
        before = accounts.add(connection, "ann", role="owner", password=PHRASE)
        after = accounts.change(connection, before.id, email="a@b.c", members_of=["x"])
        assert accounts.differences(before, after) == {
            "email": ["", "a@b.c"],
            "teams": [(), ("x",)],
        }
        with pytest.raises(Error, match="no such person"):
            accounts.change(connection, 999, email="")
