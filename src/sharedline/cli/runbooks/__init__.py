"""`sharedline runbooks`: response procedures, one file per verb."""

from __future__ import annotations

import click

from sharedline.cli.verbs import Verbs

#: What `--help` says of each verb; a test compares it with the verbs' own help.
SUMMARIES = {
    "adopt": "Copy runbooks that ship into the project, with their owner.",
    "coverage": "Which runbook answers each finding type, control and detection.",
    "lint": "What is wrong with the runbooks: retired types, no owner, never tested.",
    "list": "The runbooks: yours and those that ship.",
    "sample-findings": "Write sample findings into GuardDuty, to see whom they reach.",
    "show": "One runbook's text.",
    "test": "Replay a runbook's detections until an owner is named; no attack, no AWS.",
}


@click.group(name="runbooks", cls=Verbs, package=__name__, summaries=SUMMARIES)
def command() -> None:
    """Response procedures: what they answer, whose they are, when they were tested."""
