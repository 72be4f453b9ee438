"""`sharedline jobs run NAME`."""

from __future__ import annotations

import contextlib
import getpass
from pathlib import Path

import click

from sharedline.cli.common import folder_option


@click.command(name="run")
@click.argument("name")
@folder_option
@click.option("--by", "by_whom", default="", help="Who runs it; the user of the system by default.")
def command(name: str, folder: Path, by_whom: str) -> int:
    """Run a job now.

    Waits for no other: where one is running that is said. Exit code 3 where it failed.
    """
    from sharedline.cli import out
    from sharedline.jobs.schedule import job
    from sharedline.jobs.work import run
    from sharedline.project import open_project
    from sharedline.state.database import Database

    project = open_project(folder)
    one = job(project, name)
    with contextlib.closing(Database(project.database_url)) as database:
        done = run(project, database, one, by_whom or _user())
    out.line(f"{name}: {done.state}. {done.detail}")
    return 0 if done.state == "done" else 3


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a user without a name, as in some containers
        return "command line"
