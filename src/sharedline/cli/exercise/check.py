"""`sharedline exercise check`: whether a scenario's file is right."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="check")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--schema", is_flag=True, help="Print the JSON Schema for editors instead.")
def command(file: Path | None, schema: bool) -> int:  # noqa: FBT001
    """Whether a scenario's file is right.

    Exit code 2 where it is not, 1 where it can be run but something is missing for a rating.
    """
    from sharedline.cli import out
    from sharedline.errors import Error
    from sharedline.exercise.coherent import advice
    from sharedline.exercise.msel_files import read_any
    from sharedline.exercise.read import read_file
    from sharedline.exercise.schema import scenario as schema_of_scenarios

    if schema:
        out.as_json(schema_of_scenarios())
        return 0
    if file is None:
        raise Error("Which file?", "Give a scenario's file, or --schema.")
    spreadsheet = file.suffix.lower() in (".csv", ".xlsx")
    scenario = read_any(file) if spreadsheet else read_file(file)
    out.line(f"{file}: {scenario.title}, {len(scenario.injects)} messages. It can be run.")
    missing = list(advice(scenario))
    for one in missing:
        out.line(f"  {one}")
    return 1 if missing else 0
