"""`sharedline iam`: the policy engine, one file per verb."""

from __future__ import annotations

import click

from sharedline.cli.verbs import Verbs

#: What `--help` says of each verb; a test compares it with the verbs' own help.
SUMMARIES = {
    "can": "Whether a principal can do an action on a resource, and why.",
    "compare": "Whether a new policy allows anything that the old one does not.",
    "denied": "Requests that were refused: which layer refused them, and what would fit.",
    "evaluate": "Evaluate a file of cases: requests with their policies.",
    "paths": "How principals can come to be administrators, or to reach a resource.",
    "public": "Whether a resource policy lets anyone in.",
    "rightsize": "A role's policy cut down to its use, with proofs.",
    "what-can": "What a principal can do.",
    "who-can": "Who can do an action on a resource.",
}


@click.group(name="iam", cls=Verbs, package=__name__, summaries=SUMMARIES)
def command() -> None:
    """Who can do what, why, how far that leads, and what fits the use."""
