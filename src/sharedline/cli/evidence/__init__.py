"""`sharedline evidence`: the log of what proves what, one file per verb."""

from __future__ import annotations

import click

from sharedline.cli.verbs import Verbs

#: What `--help` says of each verb; a test compares it with the verbs' own help.
SUMMARIES = {
    "list": "The items of evidence, newest first.",
    "period": "Whether a control operated over a period: population, samples, gaps in coverage.",
    "publish": "Publish the signed head of the log outside this machine.",
    "record": "Write scans, attestations, waivers, reports and exercises into the evidence log.",
    "verify": "Compute everything again and name the first thing that is wrong.",
}


@click.group(name="evidence", cls=Verbs, package=__name__, summaries=SUMMARIES)
def command() -> None:
    """Keep evidence that cannot be changed unseen."""
