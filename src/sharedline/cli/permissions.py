"""`sharedline permissions`: the least policy of the scanning role, generated from what is read."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option, format_option


@click.command(name="permissions")
@folder_option
@format_option("json", "terraform", "text")
@click.option("--checks", multiple=True, metavar="GLOB", help="Only for these checks.")
@click.option("--org", is_flag=True, help="Also what walking an organisation needs.")
def command(folder: Path, fmt: str, checks: tuple[str, ...], org: bool) -> int:  # noqa: FBT001
    """The least IAM policy that the scan needs.

    Made from the calls behind the columns that the checks, lines and the matrix read.
    """
    from sharedline.cli import out
    from sharedline.permissions import policy, reasons, terraform
    from sharedline.project import open_project

    project = open_project(folder)
    if fmt == "json":
        out.as_json(policy(project, checks, org=org))
    elif fmt == "terraform":
        click.echo(terraform(project, checks, org=org))
    else:
        found = reasons(project, checks, org=org)
        out.table(found, (("action", "Action", 44), ("why", "Read for", 0)))
    return 0
