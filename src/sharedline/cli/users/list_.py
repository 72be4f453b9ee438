"""`sharedline users list`: who may sign in."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option, format_option


@click.command(name="list")
@folder_option
@format_option()
def command(folder: Path, fmt: str) -> int:
    """Everybody, with role, teams and how they sign in."""
    from sharedline.cli import out
    from sharedline.cli.users.common import writing
    from sharedline.people import accounts

    found = []
    with writing(folder) as connection:
        for person in accounts.people(connection):
            ways = [
                *(["password"] if accounts.has_password(connection, person.id) else []),
                *(["provider"] if any(accounts.provider_of(connection, person.id)) else []),
            ]
            found.append(
                {
                    "name": person.name,
                    "full_name": person.full_name,
                    "email": person.email,
                    "role": person.role.value,
                    "teams": ", ".join(person.teams),
                    "signs_in_by": ", ".join(ways) or "nothing",
                    "active": person.active,
                }
            )
    columns = ("name", "full_name", "email", "role", "teams", "signs_in_by", "active")
    if out.rows(fmt, found, columns):
        return 0
    if not found:
        out.line("Nobody may sign in yet: `sharedline users add NAME --role admin`.")
        return 0
    shown = [{**f, "active": "" if f["active"] else "removed"} for f in found]
    out.table(
        shown,
        [("name", "Name", 20), ("role", "Role", 8), ("teams", "Teams", 0),
         ("signs_in_by", "Signs in by", 18), ("active", "", 7)],
    )  # fmt: skip
    return 0
