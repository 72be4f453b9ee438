"""`sharedline exercise`: tabletop exercises, one file per verb."""

from __future__ import annotations

import click

from sharedline.cli.verbs import Verbs

#: What `--help` says of each verb; a test compares it with the verbs' own help.
SUMMARIES = {
    "check": "Whether a scenario's file is right.",
    "export": "Write a scenario as YAML, or as a list of events for spreadsheets.",
    "import": "Make an exercise from a YAML file, a CSV list of events or a workbook.",
    "improvements": "What exercises found is to be done: whose, by when, and what verifies it.",
    "library": "The scenarios that come with Sharedline.",
    "new": "Make an exercise from the gaps of the last scan, or from the library.",
    "programme": "What was exercised in the last months, what is due, and how the scores go.",
    "report": "The after-action report and improvement plan of a run.",
    "run": "Run an exercise at one table: you lead, and write down what it answers.",
    "runs": "The exercises that were run, the newest first: when, how many took part and answered.",
    "score": "The score of a run: parts, weights, agreement, and the rows that made them.",
    "show": "A scenario as its facilitator reads it.",
}


@click.group(name="exercise", cls=Verbs, package=__name__, summaries=SUMMARIES)
def command() -> None:
    """Rehearse: scenarios from the real gaps; whose side, which owner, which runbook."""
