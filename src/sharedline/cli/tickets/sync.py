"""`sharedline tickets sync`."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

from sharedline.cli.common import folder_option, results_of

_SAID = {
    "claimed": "done in Jira: claimed, until a scan verifies it",
    "verified": "verified by the scan",
    "reopened": "reopened",
    "disputed": "done in Jira, but not by the scan",
    "resumed": "taken up again",
    "gone": "no longer in Jira, or not for this user to see",
}


@click.command(name="sync")
@folder_option
def command(folder: Path) -> int:
    """Done in Jira is claimed here; what a scan says is told there.

    THIS WRITES to Jira: a comment where a scan verifies or refutes, and a transition where the
    workflow allows to reopen. Exit code 1 where a scan refutes what Jira calls done.
    """
    from sharedline.cli import out
    from sharedline.notices import jira
    from sharedline.notices.tickets import sync
    from sharedline.project import open_project
    from sharedline.state.database import Database

    results = results_of(folder, "", fresh=True)
    project = open_project(folder)
    done = []
    with (
        contextlib.closing(Database(project.database_url)) as database,
        contextlib.closing(jira.Jira(jira.settings(project))) as tracker,
    ):
        for act in sync(project, results, tracker, database):
            why = f" ({act.why})" if act.why else ""
            out.line(f"{act.key} {_SAID[act.what]}{why}: {act.check} on {act.resource}")
            done.append(act.what)
    if not done:
        out.note("Jira and the last scan agree.")
    return 1 if {"reopened", "disputed"} & set(done) else 0
