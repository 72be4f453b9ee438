"""`sharedline gaps`: what is unmet, unknown, unowned or unverified, with the owner to call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sharedline.cli.common import folder_option, format_option, results_of, scan_option

COLUMNS = (
    "status",
    "severity",
    "duty",
    "service",
    "resource",
    "side",
    "owner",
    "check",
    "reason",
    "since",
)


@click.command(name="gaps")
@folder_option
@scan_option
@format_option("text", "json", "csv", "markdown")
@click.option("--owner", help="One owner, or nobody.")
@click.option("--duty", help="A duty or glob.")
@click.option("--service", help="One service.")
@click.option("--account", help="One account.")
@click.option(
    "--severity",
    help="This severity and worse.",
    type=click.Choice(("critical", "high", "medium", "low")),
)
@click.option(
    "--status", help="One status.", type=click.Choice(("unmet", "unknown", "unverified", "unowned"))
)
@click.option("--limit", type=int, default=50, show_default=True, help="Rows of text; 0 for all.")
def command(folder: Path, scan_id: str, fmt: str, limit: int, **chosen: Any) -> int:
    """What is unmet, unknown, unowned or unverified, worst first.

    Exit code 1 where there is any gap, 3 where the only ones are what could not be read.
    """
    from sharedline.cli import out

    results = results_of(folder, scan_id, fresh=True)
    found = [g for g in results.gaps() if _wanted(g, chosen)]
    if not out.rows(fmt, found, COLUMNS):
        shown = found[:limit] if limit else found
        narrow = (
            ("status", "Status", 12),
            ("severity", "Sev.", 8),
            ("owner", "Owner", 10),
            ("what", "Duty and resource", 0),
        )
        wide = (
            ("status", "Status", 12),
            ("severity", "Severity", 8),
            ("owner", "Owner", 14),
            ("duty", "Duty", 34),
            ("resource", "Resource", 0),
            ("reason", "Reason", 0),
        )
        rows = [{**g, "what": _what(g)} for g in shown]
        out.table(rows, narrow, wide=wide, wrapped=("what",))
        if len(found) > len(shown):
            out.note(f"{len(found) - len(shown)} more: --limit 0, or --format csv.")
        if not found:
            out.note("No gaps.")
    statuses = {g["status"] for g in found}
    if statuses - {"unknown"}:
        return 1
    return 3 if statuses else 0


def _what(gap: dict[str, Any]) -> str:
    from sharedline.text import brief, middle

    name = gap["resource"]
    if name.startswith("arn:"):
        name = brief(name, 0) if name.endswith(":*") or ":region/" in name else name.split(":")[-1]
    return f"{gap['check'] or gap['duty']}  {middle(name, 30)}"


def _wanted(gap: dict[str, Any], chosen: dict[str, Any]) -> bool:
    from fnmatch import fnmatchcase

    from sharedline.model import SEVERITIES

    if chosen["severity"]:
        worst = SEVERITIES.index(gap["severity"])
        if worst > SEVERITIES.index(chosen["severity"]):
            return False
    if chosen["duty"] and not fnmatchcase(gap["duty"], chosen["duty"]):
        return False
    return all(
        not chosen[k] or gap[k] == chosen[k] for k in ("owner", "service", "account", "status")
    )
