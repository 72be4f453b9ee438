"""`sharedline evidence list`: the items of the log, newest first."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from sharedline.cli.common import folder_option, format_option

COLUMNS = (
    "index",
    "kind",
    "observed",
    "received",
    "duty",
    "control",
    "about",
    "statement",
    "result",
    "population",
    "exceptions",
    "waived",
    "unknown",
)
NARROW = (
    ("index", "Item", 6),
    ("day", "Observed", 10),
    ("kind", "Kind", 11),
    ("result", "Result", 7),
    ("statement", "Statement", 0),
)
WIDE = (
    ("counts", "Exceptions", 14),
    ("duty", "Duty", 30),
    ("about", "About", 0),
    ("statement", "Statement", 0),
)
KINDS = ("check", "attestation", "waiver", "report", "exercise", "note")


@click.command(name="list")
@folder_option
@format_option()
@click.option("--kind", type=click.Choice(KINDS), default=None, help="Only items of this kind.")
@click.option("--duty", default="", help="Only items of this duty.")
@click.option("--since", type=click.DateTime(("%Y-%m-%d",)), help="Observed from this UTC day on.")
@click.option("--until", type=click.DateTime(("%Y-%m-%d",)), help="Observed to this UTC day.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
def command(
    folder: Path,
    fmt: str,
    kind: str | None,
    duty: str,
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> int:
    """The items of evidence, newest first.

    JSON has every member of an item; its index counts from the first item of the log.
    """
    from collections import deque

    from sharedline.cli import out
    from sharedline.comply.evidence.store import open_store
    from sharedline.project import open_project

    store = open_store(open_project(folder).evidence)
    found = store.items(
        kind or "",
        since.date() if since else None,
        until.date() if until else None,
        duty,
    )
    items = list(reversed(deque(found, maxlen=limit)))
    if fmt == "json":
        out.as_json([{"index": index, **item} for index, item in items])
        return 0
    rows = [_row(index, item) for index, item in items]
    if not out.rows(fmt, rows, COLUMNS):
        out.table(rows, NARROW, wide=(*NARROW[:-1], *WIDE), wrapped=("statement",))
        head = store.head()
        out.note(f"{len(rows)} of {head.size if head else 0} items.")
    return 0


def _row(index: int, item: dict[str, Any]) -> dict[str, Any]:
    return {
        **item,
        "index": index,
        "about": item.get("query", {}).get("id") or item.get("subject", {}).get("scope", ""),
        "day": item["observed"][:10],
        "counts": _counts(item),
    }


def _counts(item: dict[str, Any]) -> str:
    if "population" not in item:
        return ""
    unknown = f", {item['unknown']} unknown" if item.get("unknown") else ""
    return f"{item.get('exceptions', 0)} of {item['population']}{unknown}"
