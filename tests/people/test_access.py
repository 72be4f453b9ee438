"""Sessions, tokens and limits: when they end, what is kept of them, that restarts forgive nothing."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from tests.people.conftest import PHRASE

from sharedline.errors import Error
from sharedline.people import accounts, limits, sessions, tokens
from sharedline.people.model import Person, Role
from sharedline.state.database import Database
from sharedline.state.tables import API_TOKEN, ATTEMPT, WEB_SESSION

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def ann(database: Database) -> Person:
    with database.begin() as connection:
        return accounts.add(connection, "ann", role="owner", password=PHRASE)


def _everything(connection: sa.Connection, table: sa.Table) -> str:
    return repr([tuple(r) for r in connection.execute(sa.select(table))])


def test_only_the_hash_of_a_session_is_kept(database: Database, ann: Person) -> None:
    with database.begin() as connection:
        secret, csrf = sessions.open_session(connection, ann, "x" * 400 + "\0", NOW)
        other, _ = sessions.open_session(connection, ann, "", NOW)
        assert sessions.find(connection, secret, NOW) == (ann, csrf)
        assert secret not in _everything(connection, WEB_SESSION)
        assert len({secret, other, csrf}) == 3
        assert len(secret) >= 43
        for wrong in ("", "x", secret[:-1], sessions.digest(secret), "\ud800\0"):
            assert sessions.find(connection, wrong, NOW) is None


def test_a_session_ends_by_idleness_and_by_age(database: Database, ann: Person) -> None:
    with database.begin() as connection:
        idle, _ = sessions.open_session(connection, ann, "", NOW)
        used, _ = sessions.open_session(connection, ann, "", NOW)
        at = NOW
        while at < NOW + 7 * DAY:
            assert sessions.find(connection, used, at) is not None, at - NOW
            at += 7 * HOUR
        assert sessions.find(connection, used, NOW + 7 * DAY) is None
        assert sessions.find(connection, idle, NOW + 8 * HOUR) is None
        assert sessions.find(connection, idle, NOW + 8 * HOUR - MINUTE) is not None


def test_use_is_noted_at_most_once_a_minute(database: Database, ann: Person) -> None:
    def seen() -> datetime:
        with database.read() as connection:
            return sessions.of(connection, ann.id, NOW)[0].seen

    with database.begin() as connection:
        secret, _ = sessions.open_session(connection, ann, "", NOW)
    for after, noted in ((30, 0), (59, 0), (60, 60), (100, 60), (120, 120)):
        found = sessions.signed_in(database, secret, NOW + timedelta(seconds=after))
        assert found is not None
        assert found[0] == ann
        assert seen() == NOW + timedelta(seconds=noted)
    assert sessions.signed_in(database, "x", NOW) is None


def test_reading_a_session_takes_no_lock(database: Database, ann: Person) -> None:
    """A page is read while somebody else writes; SQLite has one writer."""
    with database.begin() as connection:
        secret, _ = sessions.open_session(connection, ann, "", NOW)
    with database.begin():
        assert sessions.signed_in(database, secret, NOW) is not None


def test_sessions_are_closed_by_their_own_person(database: Database, ann: Person) -> None:
    with database.begin() as connection:
        bo = accounts.add(connection, "bo", role="owner", password=PHRASE)
        secrets = [sessions.open_session(connection, ann, f"b{n}", NOW)[0] for n in range(3)]
        first = sessions.digest(secrets[0])
        assert not sessions.close_one(connection, bo.id, first)
        assert sessions.close_one(connection, ann.id, first)
        assert not sessions.close_one(connection, ann.id, "\0")
        assert sessions.close_all(connection, ann.id, keep=secrets[1]) == 1
        assert [s.agent for s in sessions.of(connection, ann.id, NOW)] == ["b1"]
        sessions.close(connection, secrets[1])
        assert sessions.of(connection, ann.id, NOW) == []


def test_opening_one_forgets_those_that_are_over(database: Database, ann: Person) -> None:
    with database.begin() as connection:
        sessions.open_session(connection, ann, "old", NOW - DAY)
        sessions.open_session(connection, ann, "new", NOW)
        assert connection.execute(sa.select(WEB_SESSION.c.agent)).scalars().all() == ["new"]


def test_a_token_is_shown_once_and_ends(database: Database, ann: Person) -> None:
    with database.begin() as connection:
        number, token = tokens.make(connection, ann, " the build ", 30, NOW)
        assert token.startswith("shl_")
        assert len(token) >= 47
        assert token not in _everything(connection, API_TOKEN)
        assert tokens.find(connection, token, NOW) == ann
        for wrong in ("", "shl_", token[:-1], token.upper(), token[4:], "shl_\0\ud800"):
            assert tokens.find(connection, wrong, NOW) is None
        assert tokens.find(connection, token, NOW + 30 * DAY) is None
        made = tokens.of(connection, ann.id)[0]
        assert (made.id, made.name, made.prefix) == (number, "the build", token[:10])
        assert made.used == NOW
        assert made.live(NOW)
        assert tokens.revoke(connection, ann.id, number, NOW)
        assert not tokens.revoke(connection, ann.id, number, NOW)
        assert tokens.find(connection, token, NOW) is None
        assert not tokens.of(connection, ann.id)[0].live(NOW)


def test_a_token_has_no_more_than_its_person_now(database: Database, ann: Person) -> None:
    with database.begin() as connection:
        accounts.add(connection, "root", role="admin", password=PHRASE)
        accounts.change(connection, ann.id, role="admin")
        _, token = tokens.make(connection, ann, "t", 1, NOW)
        accounts.change(connection, ann.id, role="auditor")
    found = tokens.bearer(database, token, NOW)
    assert found is not None
    assert found.role is Role.AUDITOR


@pytest.mark.parametrize(
    ("name", "days"), [("", 1), (" ", 1), ("x" * 201, 1), ("a\0", 1), ("t", 0), ("t", 367)]
)
def test_tokens_that_are_refused(database: Database, ann: Person, name: str, days: int) -> None:
    with database.begin() as connection, pytest.raises(Error):
        tokens.make(connection, ann, name, days, NOW)


def test_the_use_of_a_token_is_noted_and_only_its_person_revokes_it(
    database: Database, ann: Person
) -> None:
    with database.begin() as connection:
        bo = accounts.add(connection, "bo", role="owner", password=PHRASE)
        number, token = tokens.make(connection, ann, "t", 366, NOW)
        assert not tokens.revoke(connection, bo.id, number, NOW)
    for after, noted in ((0, 0), (59, 0), (61, 61)):
        assert tokens.bearer(database, token, NOW + timedelta(seconds=after)) == ann
        with database.read() as connection:
            assert tokens.of(connection, ann.id)[0].used == NOW + timedelta(seconds=noted)
    assert tokens.bearer(database, "shl_x", NOW) is None


def test_attempts_are_counted_within_a_window(database_url: str) -> None:
    for number in range(3):  # opened anew: a restart forgives nothing
        with closing(Database(database_url)) as database, database.begin() as connection:
            limits.check(connection, "k", 3, 60, NOW + timedelta(seconds=number))
    with closing(Database(database_url)) as database:
        for _ in range(5):  # what is refused is not counted
            with pytest.raises(limits.TooMany) as raised, database.begin() as connection:
                limits.check(connection, "k", 3, 60, NOW + timedelta(seconds=30))
            assert raised.value.seconds == 30
            assert "30 seconds" in raised.value.advice
        with database.begin() as connection:
            limits.check(connection, "another", 3, 60, NOW)
            limits.check(connection, "k", 3, 60, NOW + timedelta(seconds=60))
            with pytest.raises(limits.TooMany):
                limits.check(connection, "k", 3, 60, NOW + timedelta(seconds=60))
            limits.forget(connection, "k")
            limits.check(connection, "k", 3, 60, NOW + timedelta(seconds=60))


def test_old_attempts_are_forgotten_and_keys_are_not_readable(database: Database) -> None:
    with database.begin() as connection:
        limits.check(connection, "sign-in:hunter2\0\ud800" + "x" * 999, 3, 60, NOW)
        limits.check(connection, "b", 3, 60, NOW)
        assert "hunter2" not in _everything(connection, ATTEMPT)
        limits.check(connection, "c", 3, 60, NOW + DAY + MINUTE)
        assert connection.execute(sa.select(sa.func.count()).select_from(ATTEMPT)).scalar() == 1
        with pytest.raises(ValueError, match="longer"):
            limits.check(connection, "c", 3, 100_000, NOW)


def test_no_more_come_through_at_once_than_may(database: Database) -> None:
    together, through = threading.Barrier(6), []

    def attempt() -> None:
        together.wait()
        try:
            with database.begin() as connection:
                limits.check(connection, "k", 3, 60)
            through.append(1)
        except limits.TooMany:
            pass

    threads = [threading.Thread(target=attempt) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(through) == 3
