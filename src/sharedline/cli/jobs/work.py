"""`sharedline jobs work`: the worker, in the foreground."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from sharedline.cli.common import folder_option


@click.command(name="work")
@folder_option
@click.option("--patience", type=click.FloatRange(0), default=60.0, show_default=True,
              help="Seconds that a running job has left when the worker is stopped.")  # fmt: skip
def command(folder: Path, patience: float) -> int:
    """Run the jobs at their times, until stopped.

    One at a time, in the foreground: for systemd, a container or a terminal. SIGTERM waits for the
    job that runs, Ctrl-C does not. A time that was missed is made up for once, a run whose process
    ended before it runs again. Exit code 3 where a job was lost at the end.
    """
    from sharedline.cli import out
    from sharedline.errors import ConfigError
    from sharedline.jobs.work import Worker
    from sharedline.project import open_project

    project = open_project(folder)
    if not project.jobs:
        raise ConfigError("There are no jobs.", "Write [jobs.NAME] in sharedline.toml.")
    worker = Worker(project, out.note, patience)
    try:
        worker.work()
    finally:
        if worker.running is None:
            worker.close()
    if worker.running is not None:
        # Its thread cannot be ended; the processes that it started end with this one.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(3)
    return 0
