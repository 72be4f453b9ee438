"""`sharedline diff SCAN SCAN`: which answers changed between two scans."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option, format_option, results_of


@click.command(name="diff")
@click.argument("old")
@click.argument("new", default="")
@folder_option
@format_option("text", "json", "csv", "markdown")
def command(old: str, new: str, folder: Path, fmt: str) -> int:
    """What changed between two scans.

    OLD and NEW are ids (or their beginnings); NEW is the newest scan by default. Exit code 1 where
    something got worse.
    """
    from sharedline.cli import out
    from sharedline.results import changes

    found = changes(results_of(folder, old), results_of(folder, new))
    columns = ("was", "now", "severity", "check", "resource", "owner", "reason")
    if not out.rows(fmt, found, columns):
        out.table(
            found,
            (
                ("was", "Was", 8),
                ("now", "Now", 8),
                ("check", "Check", 0),
                ("resource", "Resource", 0),
            ),
            wide=(
                ("was", "Was", 8),
                ("now", "Now", 8),
                ("severity", "Severity", 8),
                ("owner", "Owner", 14),
                ("check", "Check", 40),
                ("resource", "Resource", 0),
                ("reason", "Reason", 0),
            ),
        )
        out.note(f"{len(found)} answers differ.")
    return 1 if any(row["now"] == "unmet" for row in found) else 0
