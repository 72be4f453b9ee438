"""The engines that run SQL over the lake: DuckDB in process, Spark by URL, with the same answers."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import pyarrow as pa

from sharedline.collect.table import Type
from sharedline.errors import Error
from sharedline.inventory.lake import Lake, LakeError, arrow_schema

DUCK_TYPES: Mapping[Type, str] = {
    "string": "varchar",
    "bool": "boolean",
    "int": "bigint",
    "double": "double",
    "timestamp": "timestamptz",
    "strings": "varchar[]",
    "json": "varchar",
}
#: Tables of up to so many rows are loaded into memory when they are registered.
SMALL = 20_000
_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


class Engine(Protocol):
    """SQL over registered tables. `dialect` is sqlglot's name for what `query` takes."""

    dialect: str

    def files(
        self,
        name: str,
        paths: Sequence[str],
        columns: Mapping[str, Type],
        stored: Iterable[str] | None = None,
        rows: int | None = None,
    ) -> None:
        """Registers Parquet files as a table: the columns that they have, how many rows, if known."""

    def rows(
        self, name: str, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Type]
    ) -> None:
        """Registers a few rows as a table."""

    def view(self, name: str, sql: str) -> None:
        """Registers a query over registered tables as a table."""

    def query(self, sql: str) -> pa.Table:
        """Runs one SELECT."""

    def close(self) -> None:
        """Frees what the engine holds."""


def quoted(name: str) -> str:
    """An identifier in double quotes; table and column names are our own, and still checked."""
    if not _NAME.match(name):
        raise ValueError(f"{name!r} is not an identifier")
    return f'"{name}"'


@contextlib.contextmanager
def _readable(what: str) -> Iterator[None]:
    """Turns what DuckDB says of a missing or damaged file into a `LakeError`."""
    import duckdb

    try:
        yield
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise LakeError(
            f"A file of {what} cannot be read: {str(error).splitlines()[0]}.",
            "Restore the lake from a copy, or scan again.",
        ) from error


def quiet(database: str = ":memory:", **config: Any) -> Any:
    """A DuckDB connection that prints nothing.

    In a process without a main file, such as one that was spawned, DuckDB takes itself to be at a
    prompt, and draws the progress of a long question into what the program writes.
    """
    import duckdb

    con = duckdb.connect(database, config=config)
    con.execute("set enable_progress_bar=false")
    return con


class Duck:
    """DuckDB in process: read-only over the lake's folder, no other file, no network."""

    dialect = "duckdb"

    def __init__(self, lake: Lake | None = None, memory: str = "1500MB") -> None:
        self.con = quiet()
        self.con.execute("set timezone='UTC'")
        self.con.execute(f"set memory_limit='{memory}'")
        self.con.execute("set preserve_insertion_order=false")
        self._lake = lake
        if lake is not None and not lake.local:
            self.con.register_filesystem(lake.fs)
        self.locked = False
        self._kinds: dict[str, str] = {}

    def lock(self) -> None:
        """From here on no file outside the lake can be read and no setting changed."""
        if self.locked:
            return
        if self._lake is None or self._lake.local:
            folder = self._lake.root if self._lake else ""
            allowed = [folder.rstrip("/") + "/"] if folder else []
            self.con.execute("set allowed_directories=?", [allowed])
            self.con.execute("set enable_external_access=false")
        self.con.execute("set lock_configuration=true")
        self.locked = True

    def files(
        self,
        name: str,
        paths: Sequence[str],
        columns: Mapping[str, Type],
        stored: Iterable[str] | None = None,
        rows: int | None = None,
    ) -> None:
        """Registers Parquet files with exactly the given columns: as a view, or loaded if small.

        Every query over a view opens its files again, which for hundreds of checks over small
        tables costs ten times the answers.
        """
        if not paths:
            self.rows(name, (), columns)
            return
        have = set(columns if stored is None else stored)
        wanted = ", ".join(
            f"{quoted(c)}::{DUCK_TYPES[t]} as {quoted(c)}"
            if c in have
            else f"null::{DUCK_TYPES[t]} as {quoted(c)}"
            for c, t in columns.items()
        )
        self._drop(name)
        uris = [self._lake.uri(p) if self._lake else p for p in paths]
        listed = ", ".join("'" + u.replace("'", "''") + "'" for u in uris)
        kind = "table" if rows is not None and rows <= SMALL else "view"
        with _readable(name):
            self.con.execute(
                f"create {kind} {quoted(name)} as select {wanted} "
                f"from read_parquet([{listed}], union_by_name=true, hive_partitioning=false)"
            )
        self._kinds[name] = kind

    def rows(
        self, name: str, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Type]
    ) -> None:
        """Registers rows as a table."""
        # A table of the database itself: what is only registered is unknown to other cursors.
        self._drop(name)
        kinds = ", ".join(f"{quoted(c)} {DUCK_TYPES[t]}" for c, t in columns.items())
        self.con.execute(f"create table {quoted(name)} ({kinds})")
        self._kinds[name] = "table"
        if rows:
            given = [{c: r.get(c) for c in columns} for r in rows]
            self.con.register("_rows", pa.Table.from_pylist(given, schema=arrow_schema(columns)))
            self.con.execute(f"insert into {quoted(name)} select * from _rows")
            self.con.unregister("_rows")

    def _drop(self, name: str) -> None:
        kind = self._kinds.pop(name, "")
        if kind:
            self.con.execute(f"drop {kind} {quoted(name)}")

    def view(self, name: str, sql: str) -> None:
        """Registers a query as a view."""
        self._drop(name)
        self.con.execute(f"create view {quoted(name)} as {sql}")
        self._kinds[name] = "view"

    def arrow(self, name: str, table: pa.Table) -> None:
        """Registers an Arrow table on this connection."""
        self.con.register(name, table)

    def query(self, sql: str) -> pa.Table:
        """Runs one SELECT."""
        with _readable("the scan"):
            return self.con.sql(sql).to_arrow_table()

    def stream(self, sql: str, size: int = 50_000) -> pa.RecordBatchReader:
        """Runs one SELECT, answering batch by batch."""
        return self.con.sql(sql).to_arrow_reader(size)

    def close(self) -> None:
        """Closes the connection."""
        self.con.close()


def open_engine(url: str, lake: Lake | None) -> Engine:
    """`duckdb` (the default), `local[2]` or `spark://host:port`."""
    if url in ("", "duckdb"):
        return Duck(lake)
    if url.startswith(("local", "spark://", "yarn", "k8s://", "sc://")):
        from sharedline.inventory.spark import Spark

        return Spark(url, lake)
    raise Error(f"There is no engine {url!r}.", "Use duckdb, local[2] or spark://host:7077.")
