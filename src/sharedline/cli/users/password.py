"""`sharedline users password NAME`: a new password, asked here."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option


@click.command(name="password")
@click.argument("name")
@folder_option
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line.")
def command(name: str, folder: Path, password_stdin: bool) -> int:  # noqa: FBT001 by name
    """Set somebody's password; their sessions end."""
    from sharedline.cli import out
    from sharedline.cli.users.common import ask_password, known, record, writing
    from sharedline.people import accounts

    with writing(folder) as connection:
        known(connection, name)  # before anybody types
    given = ask_password(from_stdin=password_stdin)
    with writing(folder) as connection:
        person = known(connection, name)
        accounts.set_password(connection, person.id, given)
        record(connection, "person.new-password", person.name)
    out.line(f"{person.name} has a new password; their sessions have ended.")
    return 0
