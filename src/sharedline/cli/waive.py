"""`sharedline waive`: an accepted exception, written where people review it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from sharedline.cli.common import folder_option, log


@click.command(name="waive")
@folder_option
@click.option("--check", default="*", help="A check id or glob.")
@click.option("--duty", default="*", help="A duty id or glob.")
@click.option("--resource", default="*", help="An ARN or glob.")
@click.option("--account", default="*", help="An account id.")
@click.option("--reason", required=True, help="Why the exception is accepted.")
@click.option("--approver", required=True, help="Who accepts it.")
@click.option("--expires", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Its last day.")
def command(
    folder: Path,
    check: str,
    duty: str,
    resource: str,
    account: str,
    reason: str,
    approver: str,
    expires: datetime,
) -> int:
    """Accept an exception, with a reason, an approver, an expiry.

    It is added to waivers.toml, which is reviewed under git.
    """
    from sharedline.cli import out
    from sharedline.duties.waivers import append
    from sharedline.model import Waiver
    from sharedline.project import open_project

    if {check, duty, resource} == {"*"}:
        raise click.UsageError("It would waive everything: name a --check, --duty or --resource.")
    if expires.date() < datetime.now(UTC).date():
        raise click.UsageError("That day is past: give a later --expires.")
    path = open_project(folder).waivers
    append(path, Waiver(reason, approver, expires.date(), check, duty, resource, account))
    log(folder)
    out.line(f"Added to {path}. Review and commit it.")
    return 0
