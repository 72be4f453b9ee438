"""`sharedline users remove NAME`: nobody signs in by that name any more."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option


@click.command(name="remove")
@click.argument("name")
@folder_option
def command(name: str, folder: Path) -> int:
    """End somebody's access; their name stays in the records."""
    from sharedline.cli import out
    from sharedline.cli.users.common import known, record, writing
    from sharedline.people import accounts

    with writing(folder) as connection:
        person = known(connection, name)
        accounts.deactivate(connection, person.id)
        record(connection, "person.deactivate", person.name)
    out.line(f"{person.name} can no longer sign in; sessions and tokens have ended.")
    return 0
