"""`sharedline users tokens NAME`: what programs present in somebody's name."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sharedline.cli.common import folder_option, format_option
from sharedline.errors import Error

if TYPE_CHECKING:
    from sharedline.people.tokens import Token


@click.command(name="tokens")
@click.argument("name")
@folder_option
@click.option("--make", default="", metavar="PURPOSE", help="Make one; it is shown once.")
@click.option("--days", default=90, show_default=True, help="How long it lasts, 366 at most.")
@click.option("--revoke", type=int, default=None, metavar="ID", help="End one.")
@format_option()
def command(name: str, folder: Path, make: str, days: int, revoke: int | None, fmt: str) -> int:
    """Somebody's API tokens: list, make, revoke."""
    from sharedline.cli import out
    from sharedline.cli.users.common import known, record, writing
    from sharedline.people import tokens

    made = ""
    with writing(folder) as connection:
        person = known(connection, name)
        if make:
            number, made = tokens.make(connection, person, make, days)
            detail = {"id": number, "purpose": make, "days": days}
            record(connection, "token.make", person.name, detail)
        if revoke is not None:
            if not tokens.revoke(connection, person.id, revoke):
                raise Error(f"{person.name} has no token {revoke} to end.", "List them first.")
            record(connection, "token.revoke", person.name, {"id": revoke})
        found = tokens.of(connection, person.id)
    if made:
        out.note(f"The token of {person.name}; it is not shown again:")
        click.echo(made)
        return 0
    _show(found, fmt)
    return 0


def _show(found: list[Token], fmt: str) -> None:
    from sharedline.cli import out
    from sharedline.text import iso

    now = datetime.now(UTC)
    rows = [
        {
            "id": t.id,
            "name": t.name,
            "prefix": t.prefix,
            "expires": iso(t.expires),
            "used": iso(t.used),
            "state": "revoked" if t.revoked else "live" if t.live(now) else "over",
        }
        for t in found
    ]
    if out.rows(fmt, rows, ("id", "name", "prefix", "expires", "used", "state")):
        return
    if not rows:
        out.line("No token.")
        return
    out.table(
        rows,
        [("id", "Id", 5), ("name", "For", 0), ("prefix", "Begins", 10),
         ("expires", "Until", 20), ("state", "", 7)],
    )  # fmt: skip
