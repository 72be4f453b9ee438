"""`sharedline claim CHECK RESOURCE`: a person says that a finding is fixed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from sharedline.cli.common import folder_option


@click.command(name="claim")
@click.argument("check")
@click.argument("resource")
@folder_option
@click.option("--by", "by_whom", required=True, help="The person who says so.")
@click.option("--note", default="", help="What was done.")
def command(check: str, resource: str, folder: Path, by_whom: str, note: str) -> int:
    """Say that a finding is fixed; the next scan verifies it."""
    from sharedline.cli import out
    from sharedline.intent import claim
    from sharedline.project import open_project
    from sharedline.state import Claim

    claim(open_project(folder), Claim(check, resource, by_whom, note, datetime.now(UTC)))
    out.line(f"Claimed. The next scan verifies {check} on {resource}.")
    return 0
