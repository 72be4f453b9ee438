"""The Spark engine: the same SQL over the same Parquet files where one machine is outgrown."""

from __future__ import annotations

import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlglot
from sqlglot import exp

from sharedline.collect.table import Type
from sharedline.errors import Error
from sharedline.inventory.engines import quoted
from sharedline.inventory.lake import Lake, arrow_schema

SPARK_TYPES: Mapping[Type, str] = {
    "string": "string",
    "bool": "boolean",
    "int": "bigint",
    "double": "double",
    "timestamp": "timestamp",
    "strings": "array<string>",
    "json": "string",
}
#: Settings of our session; each makes Spark answer as DuckDB does, or keeps it within bounds.
_SESSION = {
    "spark.sql.session.timeZone": "UTC",
    # A value that does not fit is an error on DuckDB too; without this Spark makes it NULL,
    # which here would mean "not readable".
    "spark.sql.ansi.enabled": "true",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    # Adaptive execution joins these into fewer, so that a small estate does not run 200 tasks.
    "spark.sql.shuffle.partitions": "16",
    "spark.sql.adaptive.enabled": "true",
    # select * from parquet.`/any/file` would read what was never registered.
    "spark.sql.runSQLOnFiles": "false",
    # `${name}` in a text means itself, not a setting of the session.
    "spark.sql.variable.substitute": "false",
}
#: Settings of the driver where it runs in this process's own JVM.
_LOCAL = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.log.level": "ERROR",
    # Without it a folder `spark-warehouse` appears where the user stands.
    "spark.sql.warehouse.dir": str(Path(tempfile.gettempdir()) / "sharedline-spark-warehouse"),
}
#: Spark functions that run Java code or read files; DuckDB has none of them.
_UNSAFE = frozenset({"java_method", "reflect", "try_reflect", "read_files", "input_file_name"})
_PATTERN = re.compile(r"([\\*?\[\]{}^])")
_INSTALL = "Install it with `pip install sharedline[spark]`."
_JAVA = "Install a Java runtime (17 or newer) and set JAVA_HOME, or use the duckdb engine."


def _java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return bool((home and (Path(home) / "bin" / "java").exists()) or shutil.which("java"))


def _session(url: str, settings: Mapping[str, str]) -> tuple[Any, bool]:
    """A session of our own, and whether this call started the Spark behind it."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise Error("The Spark engine needs pyspark.", _INSTALL) from error
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    if url.startswith("sc://"):
        try:
            return SparkSession.builder.remote(url).create(), True
        except (ImportError, PySparkException) as error:
            raise Error(f"Spark Connect at {url} does not answer ({error}).", _INSTALL) from error
    running = SparkSession.getActiveSession()
    if running is not None:
        return running.newSession(), False
    if not _java():
        raise Error("The Spark engine needs Java, and there is none.", _JAVA)
    # pyspark logs each failed query with its Java stack; the exception says it once.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    builder = SparkSession.builder.master(url).appName("sharedline")
    for key, value in {**(_LOCAL if url.startswith("local") else {}), **settings}.items():
        builder = builder.config(key, value)
    try:
        return builder.getOrCreate(), True
    except (PySparkException, Py4JError) as error:
        told = [line.lstrip(": ") for line in str(error).splitlines() if line.strip()]
        cause = told[min(1, len(told) - 1)] if isinstance(error, Py4JError) else told[0]
        raise Error(
            f"Spark does not start at {url} ({cause}).",
            "It needs Java 17 or newer, and a cluster that answers at that URL.",
        ) from error


class Spark:
    """pyspark in local mode or against a cluster, behind the same interface as DuckDB.

    A Spark that already runs in the process (a notebook, a test) is joined in a session apart, and
    left running. `settings` are Spark's own, over ours.
    """

    dialect = "spark"

    def __init__(
        self, url: str, lake: Lake | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        wanted = {**_SESSION, **(settings or {})}
        self.session, self._started = _session(url, wanted)
        for key, value in wanted.items():
            if self.session.conf.isModifiable(key):
                self.session.conf.set(key, value)
        self._lake = lake
        self._views: set[str] = set()

    def _view(self, name: str, frame: Any) -> None:
        quoted(name)
        frame.createOrReplaceTempView(name)
        self._views.add(name)

    def files(
        self,
        name: str,
        paths: Sequence[str],
        columns: Mapping[str, Type],
        stored: Iterable[str] | None = None,
        rows: int | None = None,  # noqa: ARG002 Spark reads each file where it lies
    ) -> None:
        """Registers Parquet files as a view with exactly the given columns."""
        if not paths:
            self.rows(name, (), columns)
            return
        have = set(columns if stored is None else stored)
        schema = ", ".join(f"`{c}` {SPARK_TYPES[t]}" for c, t in columns.items() if c in have)
        reader = self.session.read
        frame = (reader.schema(schema) if schema else reader).parquet(*map(self._uri, paths))
        self._view(
            name,
            frame.selectExpr(
                *(
                    f"`{c}`" if c in have else f"cast(null as {SPARK_TYPES[t]}) as `{c}`"
                    for c, t in columns.items()
                )
            ),
        )

    def _uri(self, path: str) -> str:
        uri = self._lake.uri(path) if self._lake else path
        # Hadoop's name for S3's file system; the others are spelled alike.
        uri = uri.replace("s3://", "s3a://", 1) if uri.startswith("s3://") else uri
        # A bracket in a path is a character, not a pattern. Escaped, because Spark 4.3 told not to
        # expand patterns still does when it lists the files, and reads each twice (2026-11-21).
        return _PATTERN.sub(r"\\\1", uri)

    def rows(
        self, name: str, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Type]
    ) -> None:
        """Registers rows as a table."""
        schema = arrow_schema(columns)
        table = pa.Table.from_pylist([{c: r.get(c) for c in columns} for r in rows], schema=schema)
        self.arrow(name, table)

    def view(self, name: str, sql: str) -> None:
        """Registers a query over registered tables as a table."""
        _refuse(sql)
        self._view(name, self.session.sql(sql))

    def arrow(self, name: str, table: pa.Table) -> None:
        """Registers an Arrow table."""
        self._view(name, self.session.createDataFrame(table))

    def query(self, sql: str) -> pa.Table:
        """Runs one SELECT in Spark's SQL."""
        _refuse(sql)
        return _nullable(self.session.sql(sql).toArrow())

    def close(self) -> None:
        """Drops what was registered, and stops Spark where this engine started it."""
        if self._started:
            self.session.stop()
            return
        for name in self._views:
            self.session.catalog.dropTempView(name)
        self._views.clear()


def _refuse(sql: str) -> None:
    """Spark has no read-only mode, so that what is not a plain SELECT is refused here."""
    statements = sqlglot.parse(sql, read="spark")
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise Error("Only one SELECT can be run.", "Write a single SELECT statement.")
    for node in statements[0].find_all(exp.Anonymous):
        if node.name.lower() in _UNSAFE:
            raise Error(f"The function {node.name} may not be used.", "Use plain SQL functions.")


def _nullable(table: pa.Table) -> pa.Table:
    """The same result with every column nullable, as DuckDB gives it."""
    return table.cast(pa.schema([field.with_nullable(True) for field in table.schema]))
