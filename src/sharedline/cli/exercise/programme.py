"""`sharedline exercise programme`: what was exercised, what is due, how the scores go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sharedline.cli.common import folder_option, format_option

if TYPE_CHECKING:
    from sharedline.exercise.programme import Programme

COLUMNS = ("kind", "name", "title", "last", "runs", "again", "due")


@click.command(name="programme")
@folder_option
@format_option("text", "json", "csv", "markdown")
@click.option("--months", type=click.IntRange(1, 60), default=12, show_default=True,
              help="How often each duty, team and runbook is to be exercised.")  # fmt: skip
def command(folder: Path, fmt: str, months: int) -> int:
    """What was exercised in the last months, what is due, and how the scores go.

    PCI DSS 12.10.2 asks for a test at least once every 12 months; NIST SP 800-53 IR-3 lets you say
    how often (--months). Whether an exercise covered all that they ask for is the assessor's to say.
    Exit code 1 where none was held in time, or an item is overdue.
    """
    from contextlib import closing

    from sharedline.cli import out
    from sharedline.exercise.programme import programme
    from sharedline.project import open_project
    from sharedline.state.database import Database

    project = open_project(folder)
    with closing(Database(project.database_url)) as database:
        found = programme(project, database, months=months)
    data = found.as_data()
    if fmt == "json":
        out.as_json(data)
    elif not out.rows(fmt, data["exercised"], COLUMNS):
        _text(found)
    kept = all(kept for _, kept in found.requirements)
    return 0 if kept and not found.overdue else 1


def _text(found: Programme) -> None:
    from sharedline.cli import out
    from sharedline.exercise.score.model import shown

    for one, kept in found.requirements:
        out.wrapped(f"{one.id}: {'held in time' if kept else 'NOT HELD IN TIME'}. {one.says}")
    out.line("\nExercises, oldest first")
    for run in found.past:
        teams = ", ".join(run.teams)
        out.wrapped(
            f"{run.ended:%Y-%m-%d}  {shown(run.total)}  {run.title} ({teams}; "
            f"{run.players} player{'s' if run.players != 1 else ''}) {run.run}", 2,
        )  # fmt: skip
    if not found.past:
        out.line("  none yet")
    for kind, many in (("team", "Teams"), ("runbook", "Runbooks"), ("duty", "Duties")):
        of = [e for e in found.exercised if e.kind == kind]
        due = [e for e in of if e.due]
        out.line(f"\n{many}: {len(of) - len(due)} of {len(of)} exercised in {found.months} months")
        if due:
            out.wrapped("due: " + ", ".join(e.name for e in due), 2)
    out.line(f"\nImprovement items: {found.verified} verified, {len(found.open)} open, "
             f"{len(found.overdue)} overdue.")  # fmt: skip
    if found.oldest:
        out.wrapped(f"Oldest: {found.oldest.due} {found.oldest.owner}: {found.oldest.title}", 2)
