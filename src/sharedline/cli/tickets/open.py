"""`sharedline tickets open`."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sharedline.cli.common import folder_option, results_of

if TYPE_CHECKING:
    from sharedline.model import Finding


@click.command(name="open")
@folder_option
@click.option("--check", default="", metavar="GLOB", help="Findings of these checks.")
@click.option("--resource", default="", metavar="GLOB", help="Findings on these resources.")
@click.option("--owner", default="", help="Findings of this owner, or nobody.")
@click.option("--severity", "severities", multiple=True,
              type=click.Choice(("critical", "high", "medium", "low")),
              help="Of this severity; those of [jira] where nothing is chosen.")  # fmt: skip
@click.option("--limit", type=click.IntRange(1), help="At most so many; 20, or what [jira] says.")
@click.option("--dry-run", "dry", is_flag=True, help="Show them; open none.")
def command(
    folder: Path,
    check: str,
    resource: str,
    owner: str,
    severities: tuple[str, ...],
    limit: int | None,
    dry: bool,  # noqa: FBT001
) -> int:
    """Open an issue for each finding that has none.

    THIS WRITES to Jira. One issue is one finding: a check on a resource. It is known again by its
    label, so that no second one is opened. The worst come first.
    """
    from sharedline.cli import out
    from sharedline.notices import jira, opening
    from sharedline.notices import tickets as issues
    from sharedline.notices.settings import audience
    from sharedline.project import open_project
    from sharedline.state.database import Database

    results = results_of(folder, "", fresh=True)
    project = open_project(folder)
    usual = tuple(project.jira.get("severities", ("critical", "high")))
    chosen = severities or (() if check or resource or owner else usual)
    with contextlib.closing(Database(project.database_url)) as database:
        found = issues.untold(
            database,
            issues.wanted(results, check=check, resource=resource, owner=owner, severities=chosen),
        )
        few = found[: limit or int(project.jira.get("limit", 20))]
        if dry:
            _show(few)
        else:
            with contextlib.closing(jira.Jira(jira.settings(project))) as tracker:
                for act in opening.open_for(results, few, tracker, database, audience(project)):
                    out.line(f"{act.key} {act.what}: {act.check} on {act.resource}")
    if not found:
        out.note("Each of these findings has its issue, or there is none.")
    if len(found) > len(few):
        out.note(f"{len(found) - len(few)} more: --limit.")
    return 0


def _show(found: list[Finding]) -> None:
    from sharedline.cli import out

    rows = [
        {"severity": f.severity, "owner": f.owner, "check": f.check, "resource": f.resource}
        for f in found
    ]
    out.table(
        rows,
        (
            ("severity", "Severity", 8),
            ("owner", "Owner", 12),
            ("check", "Check", 0),
            ("resource", "Resource", 0),
        ),
    )
    out.note(f"{len(rows)} issues; none was opened.")
