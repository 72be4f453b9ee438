"""`sharedline query "select …"`: SQL over every table of a scan, read-only."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option, format_option, results_of, scan_option


@click.command(name="query")
@click.argument("sql")
@folder_option
@scan_option
@format_option("text", "json", "csv", "markdown")
@click.option("--limit", type=int, default=100, show_default=True, help="Rows of text; 0 for all.")
def command(sql: str, folder: Path, scan_id: str, fmt: str, limit: int) -> int:
    """Run a SELECT over the tables of a scan.

    Tables are those of `sharedline tables`, and finding, cell and scan.
    """
    from sharedline.cli import out
    from sharedline.resource import query

    names, found = query(results_of(folder, scan_id), sql)
    if out.rows(fmt, found, names):
        return 0
    shown = found[:limit] if limit else found
    out.table(shown, [(n, n, 0) for n in names])
    out.note(f"{len(found)} rows" + (f", {len(shown)} shown" if len(found) > len(shown) else ""))
    return 0
