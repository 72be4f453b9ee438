"""`sharedline tickets list`."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

from sharedline.cli.common import folder_option, format_option

COLUMNS = ("key", "state", "check", "resource", "account", "url", "created", "changed")


@click.command(name="list")
@folder_option
@format_option()
def command(folder: Path, fmt: str) -> int:
    """The issues that were opened, and where they stand.

    open, claimed (done in Jira), verified (by a scan), disputed (done in Jira, unmet in a later
    scan), gone (no longer in Jira).
    """
    from sharedline.cli import out
    from sharedline.notices.tickets import tickets
    from sharedline.project import open_project
    from sharedline.state.database import Database
    from sharedline.text import iso

    with contextlib.closing(Database(open_project(folder).database_url)) as database:
        found = tickets(database)
    rows = [
        {
            "key": t.key if t.state != "opening" else "",
            "state": t.state,
            "check": t.check,
            "resource": t.resource,
            "account": t.account,
            "url": t.url,
            "created": iso(t.created),
            "changed": iso(t.changed),
        }
        for t in found
    ]
    if out.rows(fmt, rows, COLUMNS):
        return 0
    if not rows:
        out.note("No issue was opened: `sharedline tickets open`.")
    else:
        key = ("key", "Issue", 10)
        out.table(
            rows,
            (key, ("state", "State", 8), ("check", "Check", 0), ("resource", "Resource", 0)),
            wide=(
                key,
                ("state", "State", 8),
                ("changed", "Since", 20),
                ("check", "Check", 40),
                ("resource", "Resource", 0),
            ),
        )
    return 0
