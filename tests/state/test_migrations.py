"""The database is brought up to date by steps that give exactly the tables of the program."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from importlib import resources

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from sharedline.errors import Error, Unavailable
from sharedline.model import Attestation
from sharedline.state import State, migrations
from sharedline.state.database import HEAD, Database, address, shown
from sharedline.state.tables import AUDIT, META

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def test_the_steps_end_where_the_program_says() -> None:
    script = ScriptDirectory(str(resources.files(migrations)))
    assert script.get_heads() == [HEAD]
    assert [s.revision for s in script.walk_revisions()][::-1] == ["0001", "0002", "0003"]


def test_the_steps_give_the_tables_of_the_program(database_url: str) -> None:
    with closing(Database(database_url)) as database, database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, META) == []


def test_a_database_from_before_keeps_what_it_holds(database_url: str) -> None:
    engine = sa.create_engine(address(database_url))
    old = Attestation("data.exposure", "*", "Looked", "ticket 1", "Ann", NOW, NOW)
    with closing(State(database_url)) as state:
        state.attest(old)
    with engine.begin() as connection:  # as one without migrations left it
        kept = {"attestation", "claim"}
        for table in reversed(META.sorted_tables):
            if table.name not in kept:
                table.drop(connection)
        connection.execute(sa.text("drop table alembic_version"))
    engine.dispose()
    with closing(State(database_url)) as state:
        assert state.attestations() == [old]
        with state.database.read() as connection:
            assert connection.execute(sa.select(sa.func.count()).select_from(AUDIT)).scalar() == 0


def test_a_database_of_a_newer_version_is_refused(database_url: str) -> None:
    with closing(Database(database_url)) as database, database.begin() as connection:
        connection.execute(sa.text("update alembic_version set version_num = '9999'"))
    with pytest.raises(Error, match="newer Sharedline") as raised:
        Database(database_url)
    assert "Install that version" in raised.value.advice


def test_a_step_that_fails_leaves_nothing(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(connection: sa.Connection, revision: str) -> None:
        upgrade(connection, revision)
        connection.execute(sa.text("select * from there_is_no_such_table"))

    upgrade = migrations.upgrade
    monkeypatch.setattr(migrations, "upgrade", cut)
    with pytest.raises(Unavailable, match="cannot be opened"):
        Database(database_url)
    monkeypatch.undo()
    engine = sa.create_engine(address(database_url))
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()


def test_times_come_back_aware_and_no_time_without_zone_goes_in(database_url: str) -> None:
    row = dict.fromkeys(("who", "role", "action", "target", "detail", "address"), "x")
    with closing(Database(database_url)) as database:
        with database.begin() as connection:
            connection.execute(AUDIT.insert().values(at=NOW, **row))
        with database.read() as connection:
            assert connection.execute(sa.select(AUDIT.c.at)).scalar() == NOW
        with pytest.raises(sa.exc.StatementError), database.begin() as connection:
            connection.execute(AUDIT.insert().values(at=NOW.replace(tzinfo=None), **row))


def test_a_password_in_the_address_is_not_shown() -> None:
    assert "geheim" not in shown("postgresql://ann:geheim@db/x")
