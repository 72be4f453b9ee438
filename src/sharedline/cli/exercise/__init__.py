"""`sharedline exercise`: tabletop exercises, one file per verb."""

from __future__ import annotations

import click

from sharedline.cli.verbs import Verbs

#: What `--help` says of each verb; a test compares it with the verbs' own help.
SUMMARIES = {
    "check": "Whether a scenario's file is right.",
    "export": "Write a scenario as YAML, or as a list of events for spreadsheets.",
    "import": "Make an exercise from a YAML file, a CSV list of events or a workbook.",
    "library": "The scenarios that come with Sharedline.",
    "new": "Make an exercise from the gaps of the last scan, or from the library.",
    "show": "A scenario as its facilitator reads it.",
}


@click.group(name="exercise", cls=Verbs, package=__name__, summaries=SUMMARIES)
def command() -> None:
    """Rehearse: scenarios from the real gaps; whose side, which owner, which runbook."""
