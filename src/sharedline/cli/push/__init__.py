"""`sharedline push`: writes findings into other systems, one file per verb."""

from __future__ import annotations

import click

from sharedline.cli.verbs import Verbs

#: What `--help` says of each verb; a test compares it with the verbs' own help.
SUMMARIES = {
    "securityhub": "Write findings into AWS Security Hub.",
}


@click.group(name="push", cls=Verbs, package=__name__, summaries=SUMMARIES)
def command() -> None:
    """Write findings into other systems, on request only."""
