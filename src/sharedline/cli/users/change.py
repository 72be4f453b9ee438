"""`sharedline users change NAME`: what is given is changed, all else stays."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option


@click.command(name="change")
@click.argument("name")
@folder_option
@click.option("--role", type=click.Choice(["admin", "editor", "owner", "auditor"]))
@click.option("--full-name", default=None, help="As colleagues know them.")
@click.option("--email", default=None, help="Where notices go.")
@click.option("--team", "teams", multiple=True, help="These teams and no others; repeatable.")
@click.option("--no-teams", is_flag=True, help="No team any more.")
@click.option("--active", is_flag=True, help="Let somebody who was removed sign in again.")
@click.option("--provider", nargs=2, default=None, metavar="ISSUER SUBJECT",
              help="Sign in with this provider, which knows them by this id.")  # fmt: skip
def command(
    name: str,
    folder: Path,
    role: str | None,
    full_name: str | None,
    email: str | None,
    teams: tuple[str, ...],
    no_teams: bool,  # noqa: FBT001 click gives it by name
    active: bool,  # noqa: FBT001
    provider: tuple[str, str] | None,
) -> int:
    """Change somebody's name, address, role, teams or provider."""
    from sharedline.cli import out
    from sharedline.cli.users.common import known, record, writing
    from sharedline.people import accounts

    with writing(folder) as connection:
        before = known(connection, name)
        after = accounts.change(
            connection, before.id, full_name=full_name, email=email, role=role,
            members_of=teams if teams or no_teams else None, active=True if active else None,
            provider=provider,
        )  # fmt: skip
        detail = accounts.differences(before, after)
        if provider:
            detail["provider"] = list(provider)
        if detail:
            record(connection, "person.change", after.name, detail)
    out.line(f"Changed {after.name}." if detail else f"{after.name} is so already.")
    return 0
