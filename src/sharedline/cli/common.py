"""What verbs share: the folder, the scan that is looked at, the output format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sharedline.results import Results

FORMATS = ("text", "json", "csv", "markdown")


def folder_option(f: Callable[..., Any]) -> Callable[..., Any]:
    """`--dir DIR`: the project folder."""
    return click.option(
        "--dir",
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path(),
        show_default="the current folder",
        help="The project folder.",
    )(f)


def scan_option(f: Callable[..., Any]) -> Callable[..., Any]:
    """`--scan ID`: which scan; the newest by default."""
    return click.option("--scan", "scan_id", default="", help="A scan's id, or its beginning.")(f)


def format_option(*names: str) -> Callable[..., Any]:
    """`--format`: text for people by default."""
    return click.option(
        "--format",
        "fmt",
        type=click.Choice(names or FORMATS),
        default=(names or FORMATS)[0],
        show_default=True,
    )


def results_of(folder: Path, scan_id: str, *, fresh: bool = False) -> Results:
    """The scan to look at. `fresh` judges it again if owners or waivers changed since."""
    from sharedline.inventory.lake import Lake
    from sharedline.project import open_project
    from sharedline.results import Results

    project = open_project(folder)
    lake = Lake(project.lake_url)
    manifest = lake.latest(scan_id)
    if fresh and manifest.data.get("intent") != project.intent_digest():
        from sharedline.scanning import reassess

        click.echo("Owners, waivers or attestations changed: judging the scan again.", err=True)
        manifest = reassess(project, lake, manifest).manifest
        log(folder)
    results = Results(lake, manifest, project)
    if project.artifact.is_dir():
        results.inherited = _inherited(results)
    return results


def _inherited(results: Results) -> Callable[[str], str]:
    """What proves a duty of AWS's; the reports are read when the matrix first asks, if it does."""
    told: list[Callable[[str], str]] = []

    def prove(duty: str) -> str:
        if not told:
            from sharedline.comply.standing import inherited

            told.append(inherited(results))
        return told[0](duty)

    return prove


def log(folder: Path) -> None:
    """Writes what is new into the project's evidence log, where it has one.

    What was asked is done by now: where the log cannot be written that is said, with what to do.
    """
    from sharedline.project import open_project

    project = open_project(folder)
    if not project.evidence.is_dir():
        return
    from sharedline.comply.evidence.files import PUBLIC
    from sharedline.comply.evidence.record import record
    from sharedline.comply.evidence.store import open_store
    from sharedline.errors import Error

    if not (project.evidence / PUBLIC).is_file():
        return
    try:
        store = open_store(project.evidence)
        counts = record(store, project)
    except Error as error:
        click.echo(f"Not in the evidence log: {error.message} {error.advice}", err=True)
        click.echo("Then run `sharedline evidence record`.", err=True)
        return
    for said in (*store.notes, *counts.refused):
        click.echo(said, err=True)
