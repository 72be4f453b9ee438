"""`sharedline users teams`: which accounts a team sees."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option, format_option
from sharedline.errors import Error


@click.command(name="teams")
@click.argument("team", default="")
@folder_option
@click.option("--account", "ids", multiple=True, help="These accounts and no others; repeatable.")
@click.option("--no-accounts", is_flag=True, help="No account any more.")
@format_option()
def command(
    team: str,
    folder: Path,
    ids: tuple[str, ...],
    no_accounts: bool,  # noqa: FBT001 click gives it by name
    fmt: str,
) -> int:
    """The teams and the accounts that they see."""
    from sharedline.cli import out
    from sharedline.cli.users.common import record, writing
    from sharedline.people import teams

    if (ids or no_accounts) and not team:
        raise Error("Whose accounts?", "Write `sharedline users teams TEAM --account ID`.")
    with writing(folder) as connection:
        if ids or no_accounts:
            kept = teams.set_accounts(connection, team, () if no_accounts else ids)
            record(connection, "team.accounts", team, {"accounts": kept})
        found = [
            {"team": name, "accounts": ", ".join(accounts)}
            for name, accounts in teams.teams(connection).items()
            if not team or name == team.strip()
        ]
    if out.rows(fmt, found, ("team", "accounts")):
        return 0
    if not found:
        out.line(f"Team {team} has nobody and no account." if team else "There is no team yet.")
        return 0
    out.table(found, [("team", "Team", 24), ("accounts", "Accounts", 0)], wrapped=("accounts",))
    return 0
