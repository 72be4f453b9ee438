"""`sharedline exercise import`: an exercise from a file."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option


@click.command(name="import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@folder_option
@click.option("--id", "name", default="", help="The exercise's id; that of the file without.")
@click.option("--replace", is_flag=True, help="Replace an exercise of that id.")
def command(file: Path, folder: Path, name: str, replace: bool) -> int:  # noqa: FBT001
    """Make an exercise from a YAML file, a CSV list of events or a workbook.

    A list of another tool is read by its headings (time, from, to, method, event, expected
    action); its duties and objectives are to be added.
    """
    import dataclasses

    from sharedline.cli import out
    from sharedline.exercise.msel_files import read_any
    from sharedline.exercise.read import of_data, plain, read_file
    from sharedline.exercise.store import save
    from sharedline.project import open_project

    project = open_project(folder)
    written = file.suffix.lower() in (".yaml", ".yml")
    scenario = read_file(file) if written else read_any(file)
    if name:
        scenario = of_data(plain(dataclasses.replace(scenario, id=name)), str(file))
    path = save(project, scenario, replace=replace)
    out.line(f"{scenario.title}: {len(scenario.injects)} messages in {scenario.minutes} minutes.")
    out.line(f"Written to {path}")
    if not scenario.objectives:
        out.note("It has no objectives: nothing can be rated until some are added.")
    return 0
