"""The audit log: it stands or falls with the change, and holds no secret."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sharedline.people import accounts, audit
from sharedline.people.audit import Filters
from sharedline.state.database import Database


def test_the_record_stands_or_falls_with_the_change(database: Database) -> None:
    with pytest.raises(RuntimeError), database.begin() as connection:
        accounts.add(connection, "ann", role="owner", issuer="https://i", subject="1")
        audit.write(connection, "root", "admin", "person.add", "ann")
        raise RuntimeError
    with database.read() as connection:
        assert accounts.people(connection) == []
        assert audit.read(connection).records == ()


def test_it_reads_back_newest_first_a_page_at_a_time(database: Database) -> None:
    with database.begin() as connection:
        for number in range(audit.SIZE + 3):
            audit.write(connection, "ann", "admin", "x.y", f"t{number}", {"n": number}, "::1")
    with database.read() as connection:
        first, last = audit.read(connection), audit.read(connection, page=2)
        assert (first.total, first.pages, first.number) == (audit.SIZE + 3, 2, 1)
        assert [r.detail["n"] for r in last.records] == [2, 1, 0]
        assert first.records[0].target == f"t{audit.SIZE + 2}"
        assert first.records[0].address == "::1"
        assert audit.read(connection, page=99).records == ()


def test_filters(database: Database) -> None:
    with database.begin() as connection:
        audit.write(connection, "ann", "admin", "a.b", "arn:100%:x")
        audit.write(connection, "bo", "owner", "a.c", "arn:1000:x")
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    with database.read() as connection:

        def found(**which: object) -> list[str]:
            page = audit.read(connection, Filters(**which))  # type: ignore[arg-type]
            return [r.who for r in page.records]

        assert found() == ["bo", "ann"]
        assert found(who="ann") == ["ann"]
        assert found(action="a.c") == ["bo"]
        assert found(target="100%") == ["ann"]
        assert found(target="' or 1=1 --\0") == []
        assert found(since=now - hour, until=now + hour) == ["bo", "ann"]
        assert found(since=now + hour) == []
        assert found(until=now - hour) == []
        assert audit.read(connection).actions == ("a.b", "a.c")


@pytest.mark.parametrize("key", ["password", "new_password", "Token", "csrf", "client_secret"])
def test_no_secret_is_written(database: Database, key: str) -> None:
    with database.begin() as connection, pytest.raises(ValueError, match="a detail of the audit"):
        audit.write(connection, "ann", "admin", "x.y", "z", {key: "hunter2"})


def test_whatever_people_call_themselves_is_kept(database: Database) -> None:
    with database.begin() as connection:
        audit.write(
            connection,
            "w" * 300,
            "r" * 30,
            "a" * 90,
            "t\0\ud800" * 999,
            {"k": "\0\ud800"},
            "x" * 99,
        )
    with database.read() as connection:
        record = audit.read(connection).records[0]
    assert (len(record.who), len(record.target)) == (200, 2048)
    assert record.target.startswith("t\\0\\ud800")
