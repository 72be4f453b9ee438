"""`sharedline assess`: judges a scan again with today's checks, lines, owners and waivers."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option, scan_option


@click.command(name="assess")
@folder_option
@scan_option
@click.option("--engine", default="", help="duckdb, local[2] or spark://host:7077.")
def command(folder: Path, scan_id: str, engine: str) -> int:
    """Judge the last scan again, without reading AWS."""
    from sharedline.cli.summary import ended
    from sharedline.inventory.lake import Lake
    from sharedline.project import open_project
    from sharedline.scanning import reassess

    project = open_project(folder)
    lake = Lake(project.lake_url)
    done = reassess(project, lake, lake.latest(scan_id), engine)
    return ended(folder, done)
