"""`sharedline exercise export`: a scenario as YAML, CSV or a workbook."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option


@click.command(name="export")
@click.argument("name", metavar="ID")
@folder_option
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file ending in .yaml, .csv or .xlsx.",
)
def command(name: str, folder: Path, output: Path) -> int:
    """Write a scenario as YAML, or as a list of events for spreadsheets.

    ID is an exercise of the project, or a scenario of the library. What is written can be changed
    in a spreadsheet and read again with `sharedline exercise import`.
    """
    from sharedline.cli import out
    from sharedline.errors import Error
    from sharedline.exercise.find import find
    from sharedline.exercise.msel_files import to_csv, to_xlsx
    from sharedline.exercise.read import written
    from sharedline.files import write_whole
    from sharedline.project import open_project

    scenario = find(open_project(folder), name)
    suffix = output.suffix.lower()
    if suffix == ".xlsx":
        data = to_xlsx(scenario)
    elif suffix == ".csv":
        # The mark tells spreadsheets that it is UTF-8.
        data = to_csv(scenario).encode("utf-8-sig")
    elif suffix in (".yaml", ".yml"):
        data = written(scenario).encode()
    else:
        raise Error(f"{output} has another ending.", "Write to a .yaml, .csv or .xlsx file.")
    if not output.parent.is_dir():
        raise Error(f"There is no folder {output.parent}.", "Make it first.")
    write_whole(output, data)
    out.line(f"Written to {output}")
    return 0
