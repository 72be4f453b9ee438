"""`sharedline attest DUTY`: a person's dated statement that a duty was done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from sharedline.cli.common import folder_option, improved, log


@click.command(name="attest")
@click.argument("duty")
@click.argument("statement")
@folder_option
@click.option(
    "--scope",
    default="*",
    show_default=True,
    help="An account id, a service, a resource glob, or * for everything.",
)
@click.option(
    "--evidence", required=True, help="Where the evidence lies: a link, a path, a ticket."
)
@click.option("--by", "by_whom", required=True, help="The person who attests.")
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=90,
    show_default=True,
    help="How long it stands.",
)
def command(
    duty: str, statement: str, folder: Path, scope: str, evidence: str, by_whom: str, days: int
) -> int:
    """State that a duty was done, with evidence and an expiry."""
    from sharedline.cli import out
    from sharedline.intent import attest
    from sharedline.model import Attestation
    from sharedline.project import open_project

    now = datetime.now(UTC)
    made = Attestation(duty, scope, statement, evidence, by_whom, now, now + timedelta(days=days))
    attest(open_project(folder), made)
    log(folder)
    improved(folder)
    out.line(f"Attested {duty} for {scope} until {made.expires:%Y-%m-%d}.")
    return 0
