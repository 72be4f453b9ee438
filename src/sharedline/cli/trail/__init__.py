"""`sharedline trail`: the logs in the lake, one file per verb."""

from __future__ import annotations

import click

from sharedline.cli.verbs import Verbs

#: What `--help` says of each verb; a test compares it with the verbs' own help.
SUMMARIES = {
    "detect": "Run detection rules over the trail.",
    "ingest": "Read CloudTrail logs into the lake.",
    "review": "Who looked at which logs and findings, by the trail itself, and where nobody did.",
    "tune": "A threshold that keeps alerts within a budget.",
    "validate": "Whether log files are as CloudTrail delivered them.",
}


@click.group(name="trail", cls=Verbs, package=__name__, summaries=SUMMARIES)
def command() -> None:
    """Read the logs, and say what happened and who looked."""
