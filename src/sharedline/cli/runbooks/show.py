"""`sharedline runbooks show`: the text of one."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option, format_option


@click.command(name="show")
@click.argument("name", metavar="ID")
@folder_option
@format_option("text", "json")
def command(name: str, folder: Path, fmt: str) -> int:
    """One runbook's text.

    `sharedline runbooks adopt` makes one that ships yours.
    """
    from sharedline.cli import out
    from sharedline.cli.runbooks.common import library_of
    from sharedline.project import open_project
    from sharedline.runbooks.read import text_of

    one = library_of(open_project(folder)).get(name)
    if fmt == "json":
        out.as_json(
            {
                "id": one.id,
                "title": one.title,
                "duty": one.duty,
                "owner": one.owner,
                "roles": dict(one.roles),
                "guardduty": list(one.guardduty),
                "detections": list(one.detections),
                "checks": list(one.checks),
                "tested": [{"on": t.on.isoformat(), "by": t.by, "how": t.how} for t in one.tested],
                "steps": [{"phase": s.phase, "text": s.text} for s in one.steps],
                "path": one.path,
            }
        )
    else:
        out.line(text_of(Path(one.path)).rstrip("\n"))
    return 0
