"""`sharedline report`: one self-contained HTML file."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option, results_of, scan_option


@click.command(name="report")
@folder_option
@scan_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file; report.html in the folder by default.",
)
def command(folder: Path, scan_id: str, output: Path | None) -> int:
    """Write the report: one HTML file."""
    from sharedline.report.html import write

    path = output or folder / "report.html"
    write(results_of(folder, scan_id, fresh=True), path)
    click.echo(str(path))
    return 0
