"""`sharedline exercise runs`: the exercises that were run or are running."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option, format_option

COLUMNS = ("id", "scenario", "title", "status", "created", "by", "participants", "answers")


@click.command(name="runs")
@folder_option
@format_option("text", "json", "csv", "markdown")
def command(folder: Path, fmt: str) -> int:
    """The exercises that were run, the newest first: when, how many took part and answered."""
    from contextlib import closing

    from sharedline.cli import out
    from sharedline.exercise.session import store
    from sharedline.project import open_project
    from sharedline.state.database import Database
    from sharedline.text import iso

    with closing(Database(open_project(folder).database_url)) as database:
        listed = store.runs(database)
    found = [
        {
            "id": one.run.id,
            "scenario": one.run.scenario_id,
            "title": one.run.title,
            "status": one.run.status,
            "created": iso(one.run.created),
            "by": one.run.created_by,
            "participants": one.participants,
            "answers": one.answers,
        }
        for one in listed
    ]
    if out.rows(fmt, found, COLUMNS):
        return 0
    if not found:
        out.line("No exercise was run yet: sharedline exercise run ID")
        return 0
    narrow = (
        ("id", "Run", 16),
        ("status", "Status", 8),
        ("created", "When", 20),
        ("participants", "People", 6),
        ("answers", "Answers", 7),
        ("title", "Title", 0),
    )
    out.table(found, narrow, wrapped=("title",))
    return 0
