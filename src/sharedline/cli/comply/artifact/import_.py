"""`sharedline comply artifact import PLACE`: what a person downloaded from AWS Artifact."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from sharedline.cli.common import folder_option, format_option


@click.command(name="import")
@click.argument("place", type=click.Path(path_type=Path))
@folder_option
@format_option("text", "json")
@click.option("--name", default="", help="What a single document is called.")
@click.option("--series", default="", help="Its series, an id of reports.toml such as soc-2.")
@click.option("--version", type=click.IntRange(1), help="Its version in Artifact.")
@click.option("--from", "start", type=click.DateTime(("%Y-%m-%d",)), help="Its period's first day.")
@click.option("--to", "end", type=click.DateTime(("%Y-%m-%d",)), help="Its period's last day.")
def command(
    place: Path,
    folder: Path,
    fmt: str,
    name: str,
    series: str,
    version: int | None,
    start: datetime | None,
    end: datetime | None,
) -> int:
    """Take in reports and metadata that were downloaded by hand.

    PLACE is a PDF, or a folder of PDFs, of the JSON that `aws artifact list-reports` prints, of
    tables (file, id, name, series, version, period_start, period_end), or of all of them. Exit
    code 3 where something is half, or cannot be read.
    """
    from sharedline.cli import out
    from sharedline.comply.artifact.folder import Said, take
    from sharedline.comply.artifact.reports import OWN, load
    from sharedline.errors import Error
    from sharedline.project import open_project

    said = Said(
        name, series, version or 0, start.date() if start else None, end.date() if end else None
    )
    artifact = open_project(folder).folder / "artifact"
    known = load(artifact / OWN).series
    if series and series not in known:
        raise Error(f"There is no series {series!r}.", f"Known are {', '.join(known)}.")
    done = take(place, artifact, datetime.now(UTC), said)
    if fmt == "json":
        out.as_json(
            {
                "added": [{"id": r.id, "name": r.name, "sha256": r.sha256} for r in done.added],
                "described": [{"id": r.id, "name": r.name} for r in done.described],
                "agreements": [{"id": a.id, "name": a.name} for a in done.agreements],
                "duplicates": [{"file": f, "same_as": s} for f, s in done.duplicates],
                "refused": [{"file": f, "reason": why} for f, why in done.refused],
            }
        )
        return 3 if done.refused else 0
    out.line(
        f"{len(done.added):,} documents are on file, {len(done.described):,} more reports are "
        f"described, {len(done.agreements):,} agreements."
    )
    for file, same in done.duplicates:
        out.line(f"  {file} is on file already, as {same}.")
    for file, why in done.refused:
        out.line(f"  {file} was refused: {why}")
    if done.added:
        out.note("They are confidential: they stay out of version control and of every package.")
    return 3 if done.refused else 0
