"""Plain records: a JSON array, CSV that no spreadsheet runs, Markdown tables."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sharedline.errors import Error
from sharedline.formats.source import Entry, array, entries, iso
from sharedline.results import Results
from sharedline.text import defused, visible

FINDING = (
    "check", "title", "resource", "ok", "reason", "status", "life", "since", "severity", "duty",
    "service", "side", "owner", "account_id", "region", "denied_call", "grant", "waiver",
    "controls",
)
GAP = (
    "duty", "service", "resource", "side", "owner", "status", "severity", "check", "reason",
    "since", "life", "account", "region", "denied_call", "grant",
)
CELL = (
    "service", "duty", "sides", "aws", "customer", "owner", "status", "source", "resources",
    "findings", "severity", "owners",
)
_MARKDOWN = str.maketrans({
    c: f"\\{c}" for c in "\\`*_[]|~#"
} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"})


def findings(name: str, results: Results, where: str) -> Iterator[str]:
    """The findings for which `where` holds, as records."""
    return rendered(name, (record(e) for e in entries(results, where)), FINDING)


def record(entry: Entry) -> dict[str, Any]:
    """A finding in the machine format."""
    f = entry.finding
    return {
        "check": f.check,
        "title": entry.title,
        "resource": f.resource,
        "ok": f.ok,
        "reason": f.reason,
        "status": f.status,
        "life": f.life.value,
        "since": iso(f.since),
        "severity": f.severity,
        "duty": f.duty,
        "service": f.service,
        "side": f.side.value,
        "owner": f.owner,
        "account_id": f.account_id,
        "region": f.region,
        "denied_call": f.denied_call,
        "grant": f.grant,
        "waiver": entry.waiver,
        "controls": {framework: list(ids) for framework, ids in f.controls.items()},
    }


def rendered(
    name: str, rows: Iterable[Mapping[str, Any]], columns: Sequence[str]
) -> Iterator[str]:
    """Rows in a format; JSON has every key of a row, tables have the columns."""
    if name == "json":
        return array(rows)
    if name == "csv":
        return _csv(rows, columns)
    if name == "markdown":
        return _markdown(rows, columns)
    raise Error(f"There is no format {name!r} for this.", "Use json, csv or markdown.")


def _flat(value: Any) -> str:
    """A value as one line of text; a mapping of lists as `key=a,b; key=c`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        parts = [
            f"{k}={','.join(map(str, v)) if isinstance(v, list) else v}" for k, v in value.items()
        ]
        return "; ".join(parts)
    if isinstance(value, list):
        return json.dumps(value)
    return visible(value, lines=False)


def _csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([defused(_flat(row.get(c, ""))) for c in columns])
        if buffer.tell() > 1 << 16:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _markdown(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    yield "| " + " | ".join(columns) + " |\n|" + " --- |" * len(columns) + "\n"
    for row in rows:
        cells = [_flat(row.get(c, "")).translate(_MARKDOWN) for c in columns]
        yield "| " + " | ".join(cells) + " |\n"
