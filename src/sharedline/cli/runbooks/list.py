"""`sharedline runbooks list`: yours and those that ship."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option, format_option

COLUMNS = (
    *("id", "title", "duty", "owner", "tested", "how", "by", "origin"),
    *("guardduty", "detections", "checks", "steps", "path"),
)


@click.command(name="list")
@folder_option
@format_option()
def command(folder: Path, fmt: str) -> int:
    """The runbooks: yours and those that ship.

    A runbook in the project's folder `runbooks` takes the place of the one of the same id.
    """
    from sharedline.cli import out
    from sharedline.cli.runbooks.common import library_of, unreadable
    from sharedline.model import NOBODY
    from sharedline.project import open_project

    library = library_of(open_project(folder))
    rows = []
    for one in library.runbooks.values():
        last = one.last
        rows.append(
            {
                "id": one.id,
                "title": one.title,
                "duty": one.duty,
                "owner": one.owner or NOBODY,
                "tested": last.on.isoformat() if last else "",
                "how": last.how if last else "",
                "by": last.by if last else "",
                "origin": "starter" if one.starter else "project",
                "guardduty": list(one.guardduty),
                "detections": list(one.detections),
                "checks": list(one.checks),
                "steps": len(one.steps),
                "path": one.path,
            }
        )
    if not out.rows(fmt, rows, COLUMNS):
        for row in rows:
            row["tested"] = row["tested"] or "never"
        narrow = (
            *(("id", "Runbook", 26), ("owner", "Owner", 10)),
            *(("tested", "Tested", 10), ("title", "For", 0)),
        )
        wide = (
            *(("id", "Runbook", 28), ("duty", "Duty", 28), ("owner", "Owner", 12)),
            *(("tested", "Tested", 10), ("origin", "Origin", 8), ("title", "For", 0)),
        )
        out.table(rows, narrow, wide=wide)
    return 2 if unreadable(library) else 0
