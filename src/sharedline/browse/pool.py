"""Connections to a scan's two files: DuckDB counts and filters, SQLite looks up single rows."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sharedline.inventory import literals
from sharedline.inventory.engines import quiet

#: The files of a scan's folder.
COUNTED, LOOKED_UP = "rows.duckdb", "rows.sqlite"
#: Memory that questions may take, and threads that answer one.
MEMORY, THREADS = "600MB", 1


class Pool:
    """Connections that threads borrow; what is given back after the end is closed."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make, self._lock = make, threading.Lock()
        self._free: list[Any] = []
        self._closed = False

    @contextlib.contextmanager
    def borrowed(self) -> Iterator[Any]:
        """A connection that nobody else uses meanwhile."""
        with self._lock:
            connection = self._free.pop() if self._free else None
        if connection is None:
            connection = self._make()
        try:
            yield connection
        finally:
            with self._lock:
                keep = not self._closed
                if keep:
                    self._free.append(connection)
            if not keep:
                connection.close()

    def close(self) -> None:
        """Closes what nobody uses; the others when they come back."""
        with self._lock:
            self._closed, free, self._free = True, self._free, []
        for connection in free:
            connection.close()


def counting(folder: Path) -> tuple[Any, Pool]:
    """DuckDB with the file attached, read-only, as where tables are looked for."""
    import duckdb

    # The file is attached to a database in memory, where copies of a few rows have their place.
    con = quiet()
    try:
        con.execute(f"set memory_limit='{MEMORY}'")
        con.execute(f"set threads={THREADS}")
        con.execute(f"attach {literals.text(str(folder / COUNTED))} as scan (read_only)")
    except duckdb.Error:
        con.close()
        raise

    def make() -> Any:
        cursor = con.cursor()
        cursor.execute("use scan")
        return cursor

    return con, Pool(make)


def looking_up(folder: Path) -> Pool:
    """SQLite: fifty rows of a million by their ranks in a fifth of a millisecond.

    DuckDB takes ten for that, since it reads by blocks of thousands (measured 2026-11-22).
    """
    address = f"{(folder / LOOKED_UP).resolve().as_uri()}?mode=ro&immutable=1"
    return Pool(lambda: sqlite3.connect(address, uri=True, check_same_thread=False))


def asked(pool: Pool, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows of one statement."""
    with pool.borrowed() as connection:
        return list(connection.execute(sql, list(parameters)).fetchall())
