"""`sharedline notify exercises`."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option
from sharedline.cli.notify.common import dry_option, notify


@click.command(name="exercises")
@folder_option
@dry_option
def command(folder: Path, dry: bool) -> int:  # noqa: FBT001
    """Exercises that are due and improvements past their day.

    An improvement is done when a scan or an attestation verifies it; told again only when the list
    changes.
    """
    return notify(folder, "exercises", dry=dry)
