"""`sharedline scan`: reads AWS and ends with the matrix, the gaps and what could not be read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from sharedline.cli.common import folder_option


@click.command(name="scan")
@folder_option
@click.option(
    "--regions", multiple=True, help="Regions, repeated or comma-separated; all by default."
)
@click.option("--checks", multiple=True, metavar="GLOB", help="Only these checks, e.g. 's3/*'.")
@click.option("--profile", help="A profile of the AWS configuration.")
@click.option("--role-arn", help="A role to assume first.")
@click.option("--mfa-serial", help="The MFA device whose code is asked for.")
@click.option("--org", is_flag=True, default=None, help="Every account of the organisation.")
@click.option("--org-role", help="The role to assume in each account.")
@click.option("--external-id", help="The external id of the roles.")
@click.option("--endpoint-url", help="Any AWS-compatible endpoint.")
@click.option("--processes", type=int, help="Collecting processes; 0 stays in this one.")
@click.option("--rate", type=float, help="Scale of the API budget (0.5 asks half as fast).")
@click.option("--keep-raw", is_flag=True, default=None, help="Keep AWS's raw answers as evidence.")
@click.option("--engine", help="duckdb, local[2] or spark://host:7077.")
@click.option("--lake", help="The lake's folder or URL.")
@click.option("--as-of", help="Judge ages as of this time (ISO 8601).")
@click.option(
    "--resume",
    is_flag=False,
    flag_value="",
    default=None,
    metavar="[SCAN]",
    help="Go on with an interrupted scan.",
)
def command(folder: Path, lake: str | None, as_of: str | None, **options: Any) -> int:
    """Read AWS, draw the line, check the customer's side.

    Read-only: see `sharedline permissions` for the least policy that it needs.
    """
    from sharedline.cli.progress import Bar
    from sharedline.cli.summary import ended
    from sharedline.scanning import scan

    given = {k: v for k, v in options.items() if v is not None}
    regions = _split(given.pop("regions", ()))
    checks = _split(given.pop("checks", ()))
    processes = given.pop("processes", None)
    with Bar() as bar:
        done = scan(
            None,
            regions,
            checks,
            lake,
            processes,
            folder=folder,
            progress=bar.step,
            say=bar.say,
            as_of=_moment(as_of),
            **given,
        )
    return ended(folder, done)


def _split(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.strip() for v in values for part in v.split(",") if part.strip())


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter("Write it as 2026-11-21T12:00:00Z.", param_hint="--as-of") from (
            error
        )
    return found if found.tzinfo else found.replace(tzinfo=UTC)
