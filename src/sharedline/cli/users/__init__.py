"""`sharedline users`: people and their access, one file per verb."""

from __future__ import annotations

import click

from sharedline.cli.verbs import Verbs

#: What `--help` says of each verb; a test compares it with the verbs' own help.
SUMMARIES = {
    "add": "Add somebody; the first admin is made so.",
    "change": "Change somebody's name, address, role, teams or provider.",
    "list": "Everybody, with role, teams and how they sign in.",
    "password": "Set somebody's password; their sessions end.",
    "remove": "End somebody's access; their name stays in the records.",
    "teams": "The teams and the accounts that they see.",
    "tokens": "Somebody's API tokens: list, make, revoke.",
}


@click.group(name="users", cls=Verbs, package=__name__, summaries=SUMMARIES)
def command() -> None:
    """Who may sign in: people, their roles and teams, their tokens."""
