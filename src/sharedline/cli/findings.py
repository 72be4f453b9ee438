"""`sharedline findings`: every answer of every check, in the formats others read."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option, format_option, results_of, scan_option


@click.command(name="findings")
@folder_option
@scan_option
@format_option("text", "json", "csv", "markdown", "sarif", "ocsf", "asff")
@click.option(
    "--status", help="One status.", type=click.Choice(("met", "unmet", "unknown", "waived"))
)
@click.option("--check", "check_id", help="One check (or glob).")
@click.option("--owner", help="One owner, or nobody.")
@click.option("--limit", type=int, default=50, show_default=True, help="Rows of text; 0 for all.")
def command(
    folder: Path, scan_id: str, fmt: str, status: str, check_id: str, owner: str, limit: int
) -> int:
    """Every answer of every check.

    Machine formats go to stdout whole; `ok` is true, false, or null for unknown.
    """
    from sharedline.cli import out
    from sharedline.duties.owners import like
    from sharedline.formats import render
    from sharedline.inventory.literals import text

    results = results_of(folder, scan_id, fresh=True)
    parts = ["true"]
    if status:
        parts.append(f"status = {text(status)}")
    if check_id:
        parts.append(like("check_id", [check_id]))
    if owner:
        parts.append(f"owner = {text(owner)}")
    where = " and ".join(parts)
    if fmt != "text":
        for chunk in render(fmt, results, where):
            click.echo(chunk, nl=False)
        return 0
    found = results.rows(where)
    shown = found[:limit] if limit else found
    narrow = (
        ("status", "Status", 10),
        ("owner", "Owner", 10),
        ("check_id", "Check", 0),
        ("resource", "Resource", 0),
    )
    wide = (
        ("status", "Status", 10),
        ("severity", "Severity", 8),
        ("owner", "Owner", 14),
        ("check_id", "Check", 40),
        ("resource", "Resource", 0),
        ("reason", "Reason", 0),
    )
    out.table(shown, narrow, wide=wide)
    if len(found) > len(shown):
        out.note(f"{len(found) - len(shown)} more: --limit 0, or --format csv.")
    return 0
