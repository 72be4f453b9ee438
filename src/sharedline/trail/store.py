"""The trail as a table: `cloudtrail` (and `cloudtrail_insight`) in SQL, on DuckDB and on Spark."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sharedline.inventory.engines import Duck, Engine
from sharedline.inventory.lake import Lake
from sharedline.inventory.literals import span, text, where
from sharedline.trail import journal
from sharedline.trail.schema import SCHEMA, sql_type

if TYPE_CHECKING:
    from sharedline.inventory.spark import Spark

#: The names in SQL, and the folders of the lake that they are made of.
TABLES = {"cloudtrail": "event", "cloudtrail_insight": "insight"}


def available(lake: Lake) -> bool:
    """Whether the lake holds any trail."""
    return bool(lake.glob(journal.folder(lake, "ingest", "*.json")))


def register(
    engine: Engine, lake: Lake, since: datetime | None = None, until: datetime | None = None
) -> int:
    """Makes the trail known to an engine, from `since` to before `until`; how many rows it has.

    The count is of the files of those days, so that it is at least the rows that a query finds.
    Repeated events were left out when they were ingested: a query need not look for them.
    """
    first, last = _day(since), _day(until - timedelta(microseconds=1) if until else None)
    rows = 0
    for name, kind in TABLES.items():
        found = journal.files(lake, kind, first, last)
        if kind == "event":
            rows = sum(f.rows for f in found)
        paths = [lake.path(f.path) for f in found]
        duck = isinstance(engine, Duck)
        source = _duck(lake, paths) if duck else _spark(engine, name, paths)  # type: ignore[arg-type]
        engine.view(name, f"select * from {source}{where(span(since, until, engine.dialect))}")
    return rows


def _duck(lake: Lake, paths: list[str]) -> str:
    columns = ", ".join(f'"{f.name}"' for f in SCHEMA)
    if not paths:
        typed = ", ".join(f'null::{sql_type(f.type, "duckdb")} as "{f.name}"' for f in SCHEMA)
        return f"(select {typed} where false)"
    listed = ", ".join(text(lake.uri(p)) for p in paths)
    return f"(select {columns} from read_parquet([{listed}], hive_partitioning=false))"


def _spark(engine: Spark, name: str, paths: list[str]) -> str:
    schema = ", ".join(f"`{f.name}` {sql_type(f.type, 'spark')}" for f in SCHEMA)
    if paths:
        uris = map(engine._uri, paths)  # noqa: SLF001 the engine's own spelling of a path
        frame = engine.session.read.schema(schema).parquet(*uris)
    else:
        frame = engine.session.createDataFrame([], schema)
    engine._view(f"_{name}", frame)  # noqa: SLF001 dropped with the engine's other views
    return f"_{name}"


def _day(moment: datetime | None) -> str:
    return moment.astimezone(UTC).date().isoformat() if moment else ""
