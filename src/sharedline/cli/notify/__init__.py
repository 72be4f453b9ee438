"""`sharedline notify`: tells owners what they should know, one file per verb."""

from __future__ import annotations

import click

from sharedline.cli.verbs import Verbs

#: What `--help` says of each verb; a test compares it with the verbs' own help.
SUMMARIES = {
    "digest": "The week of each team: new, fixed, reopened, the worst that is open.",
    "exercises": "Exercises that are due and improvements past their day.",
    "expiring": "Waivers and attestations that expire soon.",
}


@click.group(name="notify", cls=Verbs, package=__name__, summaries=SUMMARIES)
def command() -> None:
    """Tell owners what is new, what expires and what is due, each thing once."""
