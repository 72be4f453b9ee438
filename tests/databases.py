"""The databases that tests run on: SQLite, and a PostgreSQL server of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

#: Debian puts the server's programs out of the way.
PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _program(name: str) -> str | None:
    return shutil.which(name, path=":".join([*map(str, PLACES), os.environ.get("PATH", "")]))


def _run(*command: str) -> None:
    # PostgreSQL refuses to run as root.
    somebody = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*somebody, *command], check=True, stdout=subprocess.DEVNULL, cwd="/")


@contextmanager
def postgresql() -> Iterator[str]:
    """A server reached through a socket; gives the URL of its first database."""
    initdb, server = _program("initdb"), _program("pg_ctl")
    if initdb is None or server is None:
        pytest.skip("PostgreSQL's server is not installed")
    # The path of a socket may have 107 characters, and the server's user must reach it.
    home = Path("/tmp") / f"sharedline-pg-{uuid.uuid4().hex[:8]}"
    home.mkdir(mode=0o700)
    data = home / "data"
    try:
        if os.geteuid() == 0:
            shutil.chown(home, "postgres", "postgres")
        _run(initdb, "-D", str(data), "-U", "test", "-A", "trust", "--no-sync")
        _start(home)
        try:
            yield f"postgresql://test@/postgres?host={home}"
        finally:
            _run(server, "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def stopped(url: str) -> Iterator[None]:
    """The server of a URL is gone for a while, and comes back."""
    home = Path(url.partition("host=")[2])
    _run(str(_program("pg_ctl")), "-D", str(home / "data"), "-w", "-m", "immediate", "stop")
    try:
        yield
    finally:
        _start(home)


def _start(home: Path) -> None:
    options = f"-k {home} -c listen_addresses='' -c fsync=off"
    log = str(home / "log")
    _run(str(_program("pg_ctl")), "-D", str(home / "data"), "-w", "-o", options, "-l", log, "start")


@contextmanager
def fresh(server: str) -> Iterator[str]:
    """A database of its own on a server; gone afterwards."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(
        server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    try:
        with engine.connect() as connection:
            connection.execute(sa.text(f"create database {name}"))
        yield server.replace("/postgres?", f"/{name}?")
        with engine.connect() as connection:
            connection.execute(sa.text(f"drop database {name} with (force)"))
    finally:
        engine.dispose()
