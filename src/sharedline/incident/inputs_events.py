"""Events handed in as a file: read as the trail is, and which of them the question is about."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sharedline.errors import Error
from sharedline.incident.model import Subject
from sharedline.incident.techniques import of_event
from sharedline.inventory.engines import Duck, Engine
from sharedline.inventory.lake import Lake
from sharedline.trail import journal
from sharedline.trail.ingest import ingest
from sharedline.trail.schema import SCHEMA

#: Up to so many events are all meant; of more, those that stand out are.
_FEW = 25
_WEIGHTS = {
    "credential-access": 3,
    "persistence": 3,
    "privilege-escalation": 3,
    "defense-evasion": 3,
    "exfiltration": 3,
    "impact": 3,
    "lateral-movement": 2,
    "execution": 2,
    "initial-access": 2,
    "collection": 2,
}
_TABLE, _GIVEN = "incident_trail", "incident_given"


def read_events(data: bytes, source: str) -> pa.Table:
    """The CloudTrail events of a file as rows of the table `cloudtrail`; without repetitions."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "given.json")
        path.write_bytes(data)
        lake = Lake(str(Path(folder, "lake")))
        # The ingest itself, so that what it can read can be asked about too.
        wrong = [reason for _, _, reason in ingest(lake, [str(path)], processes=0).aside]
        tables = [_rows(lake, file) for file in journal.files(lake)]
    if not tables or not sum(t.num_rows for t in tables):
        told = f" ({wrong[0]})" if wrong else ""
        raise Error(
            f"{source} holds no CloudTrail events{told}.",
            "Give a GuardDuty, ASFF or OCSF finding, or CloudTrail events, as JSON.",
        )
    found = pa.concat_tables(tables).sort_by([("eventtime", "ascending"), ("eventid", "ascending")])
    at = found.schema.get_field_index("source")
    named = pa.array([source] * found.num_rows, pa.string())
    return _named(found.set_column(at, SCHEMA.field("source"), named))


def _rows(lake: Lake, file: journal.File) -> pa.Table:
    with lake.fs.open(lake.path(file.path), "rb") as stream:
        return pq.ParquetFile(stream).read().cast(SCHEMA)


def _named(table: pa.Table) -> pa.Table:
    """With a made-up id, always the same, for each event that has none."""
    if not table["eventid"].null_count:
        return table
    wanted = ["eventtime", "eventname", "eventsource", "requestparameters", "requestid"]
    ids = table["eventid"].to_pylist()
    rows = table.select(wanted).to_pylist()
    for n, row in enumerate(rows):
        if ids[n] is None:
            text = f"{n}\0{row}".encode("utf-8", "replace")
            ids[n] = f"event-{n + 1}-{blake2b(text, digest_size=4).hexdigest()}"
    at = table.schema.get_field_index("eventid")
    return table.set_column(at, SCHEMA.field("eventid"), pa.array(ids, pa.string()))


def subject_of(table: pa.Table, title: str = "") -> Subject:
    """The question that handed-in events ask: about all of a few, else those that stand out."""
    rows = table.to_pylist()
    chosen = rows if len(rows) <= _FEW or len({_session(r) for r in rows}) == 1 else _striking(rows)
    times = [r["eventtime"] for r in chosen]
    accounts = {r["recipientaccountid"] for r in chosen if r["recipientaccountid"]}
    regions = {r["awsregion"] for r in chosen if r["awsregion"]}
    one = len(rows) == 1
    return Subject(
        "event" if one else "events",
        id=chosen[0]["eventid"] if one else title,
        title=(chosen[0]["eventname"] or "") if one else f"{len(rows)} events of {title}",
        account=accounts.pop() if len(accounts) == 1 else "",
        region=regions.pop() if len(regions) == 1 else "",
        time=min(times),
        last=max(times),
        events=tuple(r["eventid"] for r in sorted(chosen, key=_order)),
    )


def _order(row: dict[str, Any]) -> tuple[Any, str]:
    return row["eventtime"], row["eventid"]


def _session(row: dict[str, Any]) -> tuple[str, str]:
    who = row["useridentity"] or {}
    return who.get("accesskeyid") or "", who.get("arn") or who.get("invokedby") or ""


def _striking(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events of most weight by their tactics, services' own acts apart; all if none has any."""
    weighed = [(_weight(row), row) for row in rows]
    most = max(weight for weight, _ in weighed)
    return [row for weight, row in weighed if weight == most] if most else rows


def _weight(row: dict[str, Any]) -> int:
    who = row["useridentity"] or {}
    if who.get("type") == "AWSService" or who.get("invokedby"):
        return 0
    return max((_WEIGHTS.get(t, 0) for t in of_event(row)[1]), default=0)


def engine_of(table: pa.Table) -> Duck:
    """An engine whose `cloudtrail` is the handed-in events: for where the lake has no trail."""
    duck = Duck()
    duck.arrow("cloudtrail", table)
    return duck


def joined(engine: Engine, table: pa.Table) -> str:
    """The name of a table of the lake's trail and the handed-in events that it lacks."""
    engine.arrow(_GIVEN, table)  # type: ignore[attr-defined]  # both engines have it
    names = ", ".join(_quoted(engine, SCHEMA.names))
    engine.view(
        _TABLE,
        f"select {names} from cloudtrail union all select {names} from {_GIVEN} g where not exists "
        f"(select 1 from cloudtrail c where c.eventid = g.eventid)",
    )
    return _TABLE


def _quoted(engine: Engine, names: Iterable[str]) -> Iterable[str]:
    mark = '"' if engine.dialect == "duckdb" else "`"
    return (f"{mark}{name}{mark}" for name in names)
