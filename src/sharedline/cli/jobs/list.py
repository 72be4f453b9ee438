"""`sharedline jobs list`."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path

import click

from sharedline.cli.common import folder_option, format_option

JOBS = ("name", "run", "at", "next", "state", "started", "detail")
RUNS = ("job", "started", "ended", "state", "by", "detail")


@click.command(name="list")
@folder_option
@click.option("--runs", "history", is_flag=True, help="The last runs, of every job.")
@format_option()
def command(folder: Path, history: bool, fmt: str) -> int:  # noqa: FBT001
    """The jobs, when each is next, and how its last run ended.

    A run is done, failed (its detail says why), lost (its process ended before it) or running.
    """
    from sharedline.cli import out
    from sharedline.jobs.runs import runs
    from sharedline.jobs.schedule import jobs
    from sharedline.project import open_project
    from sharedline.state.database import Database
    from sharedline.text import iso

    project, now = open_project(folder), datetime.now(UTC)
    with contextlib.closing(Database(project.database_url)) as database:
        if history:
            found = runs(database)
            rows = [
                {
                    "job": r.job, "started": iso(r.started), "ended": iso(r.ended),
                    "state": r.state, "by": r.by, "detail": r.detail,
                }
                for r in found
            ]  # fmt: skip
        else:
            rows = []
            for one in jobs(project).values():
                last = runs(database, one.name, 1)
                rows.append({
                    "name": one.name, "run": one.run, "at": one.at, "next": iso(one.next(now)),
                    "state": last[0].state if last else "", "detail": last[0].detail if last else "",
                    "started": iso(last[0].started) if last else "",
                })  # fmt: skip
    if out.rows(fmt, rows, RUNS if history else JOBS):
        return 0
    if not rows:
        out.note("There are no runs." if history else "Write [jobs.NAME] in sharedline.toml.")
        return 0
    first = (("job", "Job", 16),) if history else (("name", "Job", 16), ("at", "At", 16))
    wide = (("started", "Last began", 20), ("detail", "Detail", 0))
    out.table(
        rows,
        (*first, ("state", "Last run", 8), ("started", "Last began", 0)),
        wide=(
            *first,
            *(() if history else (("next", "Next", 20),)),
            ("state", "Last run", 8),
            *wide,
        ),
        wrapped=("detail",),
    )
    return 0
