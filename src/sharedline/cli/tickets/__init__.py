"""`sharedline tickets`: issues in Jira for findings, one file per verb."""

from __future__ import annotations

import click

from sharedline.cli.verbs import Verbs

#: What `--help` says of each verb; a test compares it with the verbs' own help.
SUMMARIES = {
    "list": "The issues that were opened, and where they stand.",
    "open": "Open an issue for each finding that has none.",
    "sync": "Done in Jira is claimed here; what a scan says is told there.",
}


@click.group(name="tickets", cls=Verbs, package=__name__, summaries=SUMMARIES)
def command() -> None:
    """Issues in Jira for findings; done there is claimed here, only a scan verifies."""
