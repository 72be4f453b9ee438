"""`sharedline comply`: controls, policies and reports, and what proves them; one file per verb."""

from __future__ import annotations

import click

from sharedline.cli.verbs import Verbs

#: What `--help` says of each verb; a test compares it with the verbs' own help.
SUMMARIES = {
    "artifact": "AWS's reports and agreements: what is on file, and what is missing.",
    "convert": "Make a framework of your own from an OSCAL catalogue or a table.",
    "coverage": "Which checks and reports prove a framework's control parts, and what nothing proves.",
    "frameworks": "The frameworks, and how much of each the line is drawn for.",
    "line": "Who must act on each control part, and what AWS offers.",
    "map": "Say which controls and duties a clause asks for; written to policies.toml.",
    "package": "Write the audit package: OSCAL, responsibility matrix, evidence, verifier.",
    "policies": "What proves each clause of your policies, and what no policy asks for.",
    "suggest": "What a clause may ask for, by the words it shares; nothing is mapped by this.",
}


@click.group(name="comply", cls=Verbs, package=__name__, summaries=SUMMARIES)
def command() -> None:
    """Map policies and controls to what proves them."""
