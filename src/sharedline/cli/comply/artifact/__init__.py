"""`sharedline comply artifact`: AWS's reports and agreements, one file per verb."""

from __future__ import annotations

import click

from sharedline.cli.verbs import Verbs

#: What `--help` says of each verb; a test compares it with the verbs' own help.
SUMMARIES = {
    "accept": "Put on record who accepted a report's terms in the console.",
    "fetch": "Read what AWS Artifact has; accept terms only when a person says so.",
    "gaps": "What is missing: reports, periods, services, Regions, terms, mappings.",
    "import": "Take in reports and metadata that were downloaded by hand.",
    "list": "The reports and agreements on record, and what a control part can lean on.",
}


@click.group(name="artifact", cls=Verbs, package=__name__, summaries=SUMMARIES)
def command() -> None:
    """AWS's reports and agreements: what is on file, and what is missing."""
