"""The database of one project: SQLite by default, PostgreSQL by URL, its tables kept up to date."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus

import sqlalchemy as sa

from sharedline.errors import Error, Unavailable

#: The newest migration. Alembic takes 0.2 s to import, so it is asked only where this differs.
HEAD = "0003"
#: How long one writer waits for another, in milliseconds.
PATIENCE = 10_000


def address(url: str) -> str:
    """SQLAlchemy's URL with the driver that is installed for PostgreSQL."""
    for plain in ("postgresql://", "postgres://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url


def shown(url: str) -> str:
    """A URL without its password."""
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except sa.exc.ArgumentError:
        return "that is given"


def _detail(url: str, error: Exception) -> str:
    """Which database, and what its driver says; a password in it is hidden there too."""
    said = str(getattr(error, "orig", None) or error) or type(error).__name__
    try:
        password = sa.make_url(url).password
    except sa.exc.ArgumentError:
        return type(error).__name__  # what is no address may hold anything
    for secret in {password, quote(password or ""), quote_plus(password or "")} - {None, ""}:
        said = said.replace(str(secret), "***")
    return f"{shown(url)}: {' '.join(said.split())[:500]}"


@contextlib.contextmanager
def _told(url: str) -> Iterator[None]:
    try:
        yield
    except (sa.exc.SQLAlchemyError, ImportError) as error:
        raise Unavailable(
            "The database cannot be opened.",
            "Check `database` in sharedline.toml and the folder's permissions.",
            _detail(url, error),
        ) from error


@contextlib.contextmanager
def _used(url: str, how: str, advice: str) -> Iterator[None]:
    try:
        yield
    except sa.exc.IntegrityError:
        raise  # who writes knows what it means: somebody else was first
    except sa.exc.DataError as error:
        raise Error("The database cannot keep that.", "Leave out what is no text.") from error
    except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
        detail = _detail(url, error)
        raise Unavailable(f"The database cannot be {how}.", advice, detail) from error


class Database:
    """Connections to it; every `begin` is one transaction, kept whole or not at all."""

    def __init__(self, url: str) -> None:
        self.url = url
        with _told(url):
            self.engine = _engine(address(url))
        done = False
        try:
            with _told(url):
                self._bring_up_to_date()
            done = True
        finally:
            if not done:
                self.close()

    def close(self) -> None:
        """Gives the connections back."""
        self.engine.dispose()

    @contextlib.contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A transaction that writes; of SQLite it takes the one writer's lock at once."""
        writer = self.engine.execution_options(writes=True)
        advice = "Check the disk and the folder's permissions, and try again."
        with _used(self.url, "written", advice), writer.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text(f"set local lock_timeout = {PATIENCE}"))
            yield connection

    @contextlib.contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection that reads one moment of it."""
        advice = "Check that it is there and can be read."
        with _used(self.url, "read", advice), self.engine.connect() as connection:
            yield connection

    def _bring_up_to_date(self) -> None:
        with self.engine.connect() as connection:
            if _revision(connection) == HEAD:
                return
        with self.engine.execution_options(writes=True).begin() as connection:
            if connection.dialect.name == "postgresql":  # two processes may come first at once
                connection.execute(sa.text("select pg_advisory_xact_lock(7283645)"))
            found = _revision(connection)
            if found == HEAD:
                return
            if found and found > HEAD:
                raise Error(
                    f"The database is of a newer Sharedline ({found}).",
                    "Install that version, or name another `database` in sharedline.toml.",
                )
            from sharedline.state.migrations import upgrade

            upgrade(connection, HEAD)


def _revision(connection: sa.Connection) -> str:
    if not sa.inspect(connection).has_table("alembic_version"):
        return ""
    return connection.execute(sa.text("select version_num from alembic_version")).scalar() or ""


def _kept(url: str) -> dict[str, Any]:
    """How connections to a server are kept: asked whether they live, and not waited for in vain."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "postgresql":
        return {}
    waits = {} if "connect_timeout" in parsed.query else {"connect_timeout": PATIENCE // 1_000}
    return {"pool_pre_ping": True, "connect_args": waits}


def _engine(url: str) -> sa.Engine:
    engine = sa.create_engine(url, **_kept(url))
    if engine.dialect.name != "sqlite":
        return engine

    @sa.event.listens_for(engine, "connect")
    def opened(connection: Any, _record: Any) -> None:
        # sqlite3 begins transactions by itself, but not for tables; SQLAlchemy says when instead.
        connection.isolation_level = None
        connection.execute(f"pragma busy_timeout = {PATIENCE}")
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")  # what was answered is on the disk
        connection.execute("pragma foreign_keys = on")

    @sa.event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        # A reader that turns writer would fail where another wrote meanwhile.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("begin immediate" if writes else "begin")

    return engine
