"""`sharedline notify expiring`."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option
from sharedline.cli.notify.common import dry_option, notify


@click.command(name="expiring")
@folder_option
@dry_option
def command(folder: Path, dry: bool) -> int:  # noqa: FBT001
    """Waivers and attestations that expire soon.

    Those within the days of [notify] (14), and those that expired as lately; told again only when the
    list changes.
    """
    return notify(folder, "expiring", dry=dry)
