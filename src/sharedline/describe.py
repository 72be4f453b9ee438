"""What the product knows, as rows: tables with their columns, duties, the line of a service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sharedline.checks.schemas import OWN
from sharedline.collect.catalogue import catalogue
from sharedline.collect.schema import describe
from sharedline.collect.table import STANDARD
from sharedline.derive import derivations
from sharedline.duties import side
from sharedline.duties.catalogue import ALL, load
from sharedline.errors import Error
from sharedline.project import open_project


def all_tables(folder: Path) -> list[dict[str, str]]:
    """Every table: collected, derived, and those the scan itself makes."""
    tables = catalogue(open_project(folder).tables)
    out = [
        {"table": name, "kind": "collected", "doc": describe(table, tables).doc}
        for name, table in tables.items()
    ]
    out += [{"table": d.name, "kind": "derived", "doc": d.doc} for d in derivations().values()]
    out += [{"table": name, "kind": "own", "doc": doc} for name, (doc, _) in OWN.items()]
    return sorted(out, key=lambda r: r["table"])


def one_table(folder: Path, name: str) -> list[dict[str, str]]:
    """The columns of a table with types, documentation and the IAM action that reads each."""
    tables = catalogue(open_project(folder).tables)
    if name in tables:
        schema = describe(tables[name], tables)
        first = len(schema.operations) - len(tables[name].details)
        listing = ", ".join(schema.actions[:first])
        return [
            {
                "column": c.name,
                "type": c.type,
                "action": schema.actions[first + c.call] if c.call >= 0 else listing,
                "doc": c.doc,
            }
            for c in schema.columns
        ]
    derived = derivations()
    if name in derived:
        columns = {**STANDARD, **derived[name].columns}
        reads = ", ".join(derived[name].reads)
        return [
            {"column": c, "type": kind, "action": f"from {reads}", "doc": doc}
            for c, (kind, doc) in columns.items()
        ]
    if name in OWN:
        columns = {**STANDARD, **OWN[name][1]}
        return [
            {"column": c, "type": kind, "action": "", "doc": doc}
            for c, (kind, doc) in columns.items()
        ]
    raise Error(f"There is no table {name!r}.", "See `sharedline tables`.")


def duty_rows() -> list[dict[str, Any]]:
    """The duty catalogue."""
    return [
        {
            "duty": d.id,
            "side": d.usual_side.value,
            "title": d.title,
            "area": d.area,
            "what": d.what,
            "aws": d.aws,
            "you": d.you,
            "source": d.source,
        }
        for d in load().duties.values()
    ]


def line_rows(name: str) -> list[dict[str, Any]]:
    """The lines of a service, or of a duty over all services."""
    cat = load()
    if name in cat.duties:
        pairs = [(s, name) for s in cat.services if s != ALL and name in side.lines_of(cat, s)]
    elif name in cat.services:
        pairs = [(name, duty) for duty in side.lines_of(cat, name)]
    else:
        raise Error(f"There is no duty or reviewed service {name!r}.", "See `sharedline duties`.")
    out = []
    for service, duty in pairs:
        drawn = side.line_for(cat, service, duty)
        out += [
            {
                "service": service,
                "duty": duty,
                "side": line.side.value,
                "when": line.when,
                "aws": line.aws,
                "you": line.you,
                "source": drawn.source(line),
                "read": line.read.isoformat(),
            }
            for line in drawn.lines
        ]
    return out
