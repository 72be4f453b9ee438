"""`sharedline users add NAME`: somebody who may sign in."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option


@click.command(name="add")
@click.argument("name")
@folder_option
@click.option(
    "--role", required=True, type=click.Choice(["admin", "editor", "owner", "auditor"]),
    help="What they may do.",
)  # fmt: skip
@click.option("--full-name", default="", help="As colleagues know them.")
@click.option("--email", default="", help="Where notices go.")
@click.option("--team", "teams", multiple=True, help="A team of the owner register; repeatable.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line.")
@click.option("--issuer", default="", help="They sign in with this OpenID provider only, …")
@click.option("--subject", default="", help="… which knows them by this id.")
def command(
    name: str,
    folder: Path,
    role: str,
    full_name: str,
    email: str,
    teams: tuple[str, ...],
    password_stdin: bool,  # noqa: FBT001 click gives it by name
    issuer: str,
    subject: str,
) -> int:
    """Add somebody; the first admin is made so."""
    from sharedline.cli import out
    from sharedline.cli.users.common import ask_password, record, writing
    from sharedline.people import accounts, passwords

    kept = accounts.person_name(name)
    password = ""
    if password_stdin or not (issuer or subject):
        password = ask_password(from_stdin=password_stdin)
        passwords.refuse_weak(password, kept, email)
    with writing(folder) as connection:
        made = accounts.add(
            connection, kept, full_name, email, role, teams, password,
            issuer=issuer, subject=subject,
        )  # fmt: skip
        record(connection, "person.add", made.name, {"role": role, "teams": made.teams})
    out.line(f"Added {made.name} ({made.role}).")
    return 0
