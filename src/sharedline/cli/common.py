"""What verbs share: the folder, the scan that is looked at, the output format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.text import visible

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
    from sharedline.comply.evidence.record import record
    from sharedline.comply.evidence.store import found_store
    from sharedline.errors import Error
    from sharedline.exercise.keep import keep

    store = found_store(project.evidence)
    if store is None:
        return
    try:
        counts = record(store, project)
        keep(project, store)
    except Error as error:
        click.echo(f"Not in the evidence log: {error.message} {error.advice}", err=True)
        click.echo("Then run `sharedline evidence record`.", err=True)
        return
    for said in (*store.notes, *counts.refused):
        click.echo(said, err=True)


def improved(folder: Path, results: Results | None = None) -> None:
    """Lets a scan (or, without one, attestations) close and reopen improvement items.

    Where there are none, which is one look into the database, nothing of exercises is imported.
    """
    from contextlib import closing

    from sharedline.project import open_project
    from sharedline.state.database import Database
    from sharedline.state.tables import IMPROVEMENT

    project = results.project if results is not None else open_project(folder)
    with closing(Database(project.database_url)) as database, database.read() as connection:
        if connection.execute(IMPROVEMENT.select().limit(1)).first() is None:
            return
    from sharedline.exercise.improve import after_scan

    for change in after_scan(project, results):
        said = f"Improvement {change.id} {change.kind}: {change.title} ({change.note})."
        click.echo(visible(said, lines=False), err=True)
