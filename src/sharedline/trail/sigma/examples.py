"""Runs a rule's example events, which lie beside it as `<rule>.test.yaml`, through the whole way.

Each case is decoded as an ingested file is, becomes a table, and the rule runs over it in DuckDB.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from sharedline.errors import ConfigError
from sharedline.inventory.engines import Duck, Engine
from sharedline.inventory.lake import Lake
from sharedline.trail.sigma.engine import run
from sharedline.trail.sigma.files import load
from sharedline.trail.sigma.model import Detection, Rules

_START = datetime(2026, 11, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """One example: its name, whether the rule must fire, and its events."""

    name: str
    fires: bool
    events: tuple[Mapping[str, Any], ...]


def cases(path: Path) -> list[Case]:
    """The cases beside a rule file."""
    file = path.with_name(f"{path.stem}.test.yaml")
    try:
        given = yaml.safe_load(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path} has no example events.", f"Write {file.name}.") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{file} is not YAML ({error}).", "Correct it.") from error
    if not isinstance(given, dict) or set(given) != {"fire", "quiet"}:
        raise ConfigError(f"{file} must have `fire` and `quiet`.", "Give a list of cases for both.")
    found = []
    for kind in ("fire", "quiet"):
        for case in given[kind] or ():
            if not isinstance(case, dict) or set(case) != {"name", "events"} or not case["events"]:
                raise ConfigError(f"{file}: a case of `{kind}` is no case.", "Give name, events.")
            found.append(Case(str(case["name"]), kind == "fire", tuple(case["events"])))
    return found


def table(events: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Events as the lake holds them; an id and a time, a second apart, where one has none."""
    from sharedline.trail.ingest import Batch, Reader
    from sharedline.trail.schema import SCHEMA
    from sharedline.trail.sources import Aws, Source

    records = []
    for number, event in enumerate(events):
        moment = f"{_START + timedelta(seconds=number):%Y-%m-%dT%H:%M:%SZ}"
        filled = {"eventVersion": "1.11", "eventID": str(uuid.uuid4()), "eventTime": moment}
        records.append({**filled, **event})
    text = json.dumps({"Records": records}, separators=(",", ":"), default=_written).encode()
    sent: list[Batch] = []
    lake = Lake(f"memory://sharedline-examples-{uuid.uuid4().hex}")
    reader = Reader(lake, "example-", Aws(), sent.append)
    reader.feed(Source("example", len(text), ""), [text])
    reader.flush()
    wrong = [read.problem for batch in sent for read in batch.read if read.problem]
    made = [SCHEMA.empty_table()]
    for file in (file for batch in sent for file in batch.files):
        with lake.fs.open(lake.path(file.path), "rb") as stream:
            made.append(pq.ParquetFile(stream).read().select(SCHEMA.names).cast(SCHEMA))
    lake.fs.rm(lake.root, recursive=True)
    if wrong or sum(part.num_rows for part in made) != len(events):
        raise ValueError(f"events cannot be read: {wrong or 'some are alike or no events'}")
    return pa.concat_tables(made)


def _written(value: Any) -> str:
    if isinstance(value, datetime):  # YAML reads an unquoted time as one
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    raise TypeError(f"{value!r} is no JSON")


def over(
    rules: Rules, events: Sequence[Mapping[str, Any]], engine: Engine | None = None
) -> list[Detection]:
    """The detections of rules among events, in DuckDB or another engine that takes Arrow."""
    used: Any = engine or Duck()
    used.arrow("_example", table(events))
    used.view("cloudtrail", "select * from _example")
    found = run(used, rules)
    if engine is None:
        used.close()
    return found


def check(path: Path) -> list[str]:
    """What is wrong with a rule and its examples, as sentences; nothing where all holds."""
    rules = load([path])
    wrong = [f"{p.path}: {p.reason}" for p in rules.problems]
    if not rules.shown():
        return wrong or [f"{path}: there is no rule of CloudTrail in it"]
    names = {rule.name for rule in rules.shown()}
    found = cases(path)
    for kind, fires in (("fire", True), ("quiet", False)):
        if not any(case.fires == fires for case in found):
            wrong.append(f"{path}: no case under `{kind}`")
    engine = Duck()
    for case in found:
        try:
            fired = {d.name for d in over(rules, case.events, engine)}
        except ValueError as error:
            wrong.append(f"{path}: {case.name}: {error}")
            continue
        if case.fires and fired != names:
            wrong.append(f"{path}: does not fire: {case.name}")
        if not case.fires and fired:
            wrong.append(f"{path}: fires: {case.name}")
    engine.close()
    return wrong
