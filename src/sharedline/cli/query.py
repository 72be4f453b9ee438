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

    Tables are those of `sharedline tables`, and finding, cell and scan; after `trail ingest` also
    cloudtrail and cloudtrail_insight.
    """
    from sharedline.cli import out
    from sharedline.inventory.lake import Lake, LakeError
    from sharedline.project import open_project
    from sharedline.resource import query, query_trail
    from sharedline.trail.store import available

    try:
        names, found = query(results_of(folder, scan_id), sql)
    except LakeError:
        lake = Lake(open_project(folder).lake_url)
        if scan_id or lake.scans() or not available(lake):
            raise
        names, found = query_trail(lake, sql)
    if out.rows(fmt, found, names):
        return 0
    shown = found[:limit] if limit else found
    out.table(shown, [(n, n, 0) for n in names])
    out.note(f"{len(found)} rows" + (f", {len(shown)} shown" if len(found) > len(shown) else ""))
    return 0
