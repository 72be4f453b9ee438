"""`sharedline scans`: the history of the lake."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option, format_option, results_of, scan_option


@click.command(name="scans")
@folder_option
@scan_option
@format_option("text", "json", "csv", "markdown")
@click.option("--failures", is_flag=True, help="What a scan could not read, and what to grant.")
def command(folder: Path, scan_id: str, fmt: str, failures: bool) -> int:  # noqa: FBT001
    """The scans in the lake."""
    from sharedline.cli import out
    from sharedline.inventory.lake import Lake
    from sharedline.project import open_project
    from sharedline.resource import unread

    if failures:
        found = unread(results_of(folder, scan_id))
        columns = ("call", "code", "action", "tables", "places")
        if not out.rows(fmt, found, columns):
            out.table(
                found,
                (("call", "Call", 30), ("code", "Answer", 20), ("action", "Grant", 0)),
                wide=(
                    ("call", "Call", 44),
                    ("code", "Answer", 26),
                    ("action", "Grant", 40),
                    ("places", "Where", 0),
                ),
            )
        return 3 if found else 0
    lake = Lake(open_project(folder).lake_url)
    rows = [
        {
            "id": m.id,
            "as_of": f"{m.as_of:%Y-%m-%d %H:%M}",
            "accounts": len(m.accounts),
            "regions": len(m.regions),
            "calls": m.data.get("calls", 0),
            "state": "incomplete" if m.incomplete else "complete",
        }
        for m in lake.scans()
    ]
    rows += [
        {"id": s, "as_of": "", "accounts": "", "regions": "", "calls": "", "state": "interrupted"}
        for s in lake.unfinished()
    ]
    if not out.rows(fmt, rows, ("id", "as_of", "accounts", "regions", "calls", "state")):
        out.table(
            rows,
            (
                ("id", "Scan", 24),
                ("as_of", "As of", 16),
                ("accounts", "Acc.", 4),
                ("regions", "Reg.", 4),
                ("calls", "Calls", 7),
                ("state", "State", 0),
            ),
        )
    return 0
