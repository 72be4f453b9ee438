"""`sharedline jobs`: what runs by itself, one file per verb."""

from __future__ import annotations

import click

from sharedline.cli.verbs import Verbs

#: What `--help` says of each verb; a test compares it with the verbs' own help.
SUMMARIES = {
    "list": "The jobs, when each is next, and how its last run ended.",
    "run": "Run a job now.",
    "work": "Run the jobs at their times, until stopped.",
}


@click.group(name="jobs", cls=Verbs, package=__name__, summaries=SUMMARIES)
def command() -> None:
    """Scans, notices and tickets at their times."""
