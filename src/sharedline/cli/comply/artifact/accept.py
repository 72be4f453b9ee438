"""`sharedline comply artifact accept REPORT`: a person's acceptance, made in the console."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from sharedline.cli.common import folder_option


@click.command(name="accept")
@click.argument("report")
@folder_option
@click.option("--by", required=True, metavar="NAME", help="Who accepted the terms.")
@click.option("--on", type=click.DateTime(("%Y-%m-%d",)), help="The UTC day; today by default.")
@click.option("--version", type=int, help="Which version; the newest by default.")
@click.option(
    "--terms",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The terms that were accepted, if a copy was kept.",
)
def command(
    report: str,
    folder: Path,
    by: str,
    on: datetime | None,
    version: int | None,
    terms: Path | None,
) -> int:
    """Put on record who accepted a report's terms in the console.

    Nothing is sent to AWS. To accept terms through the API and download the report, see `fetch`.
    """
    from sharedline.cli import out
    from sharedline.comply.artifact.acceptance import record
    from sharedline.errors import Error
    from sharedline.project import open_project

    now = datetime.now(UTC)
    day = on.replace(tzinfo=UTC) if on else now
    if day > now:
        raise Error("Terms cannot have been accepted in the future.", "Give the day it was.")
    done = record(open_project(folder).folder / "artifact", report, by, day, terms, version)
    for held in done:
        out.line(f"{held.name}: {by.strip()} accepted its terms on {day:%Y-%m-%d}.")
    if not done:
        out.line("An acceptance is on record already; it stays.")
    return 0
