"""`sharedline notify digest`."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option
from sharedline.cli.notify.common import dry_option, notify


@click.command(name="digest")
@folder_option
@dry_option
def command(folder: Path, dry: bool) -> int:  # noqa: FBT001
    """The week of each team: new, fixed, reopened, the worst that is open.

    Compared with the scan of a week before. What nobody owns is told to the admins. Each team is told
    once a week (ISO weeks, UTC).
    """
    return notify(folder, "digest", dry=dry)
