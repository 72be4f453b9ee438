"""What the verbs over runbooks share: the library of a project, and whom to reach."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sharedline.project import Project
    from sharedline.runbooks.library import Library
    from sharedline.runbooks.people import People


def days_option(f: Callable[..., Any]) -> Callable[..., Any]:
    """`--days N`: how long a test is good for."""
    return click.option(
        "--days",
        type=click.IntRange(1),
        default=365,
        show_default=True,
        help="How long a test is good for.",
    )(f)


def today() -> date:
    """The day, UTC."""
    return datetime.now(UTC).date()


def library_of(project: Project) -> Library:
    """The starter set with the project's own over it."""
    from sharedline.runbooks.library import FOLDER, load

    return load(project.folder / FOLDER)


def unreadable(library: Library) -> int:
    """Says which files are no runbooks; how many they are."""
    from sharedline.cli import out

    for problem in library.problems:
        out.note(f"{problem.what} {problem.advice}")
    return len(library.problems)


def people_of(folder: Path) -> tuple[People, tuple[str, ...]]:
    """Who is reached, by the project's register; and the accounts of its newest scan, if any."""
    from sharedline.duties import owners
    from sharedline.inventory.lake import Lake
    from sharedline.project import open_project
    from sharedline.resource import ou_paths
    from sharedline.results import Results
    from sharedline.runbooks.people import People

    project = open_project(folder)
    lake = Lake(project.lake_url)
    register = owners.load(project.owners)
    if not lake.scans():
        return People(register, {}), ()
    results = Results(lake, lake.latest(), project)
    return People(register, ou_paths(results)), tuple(results.manifest.accounts)
