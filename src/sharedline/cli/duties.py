"""`sharedline duties [ID|SERVICE]`: the catalogue, and the line of a service."""

from __future__ import annotations

from typing import Any

import click

from sharedline.cli.common import format_option


@click.command(name="duties")
@click.argument("name", default="")
@format_option("text", "json", "csv", "markdown")
def command(name: str, fmt: str) -> int:
    """The duty catalogue, and the line of a service.

    NAME is a duty id (what it is, whose side it is on for each service) or a service (its duties).
    """
    from sharedline.cli import out
    from sharedline.describe import duty_rows, line_rows

    found: list[dict[str, Any]]
    if not name:
        found = duty_rows()
        if not out.rows(fmt, found, ("duty", "side", "title", "what", "aws", "you", "source")):
            out.table(found, (("side", "Side", 8), ("duty", "Duty", 33), ("title", "Title", 0)))
        return 0
    found = line_rows(name)
    columns = ("service", "duty", "side", "when", "aws", "you", "source", "read")
    if not out.rows(fmt, found, columns):
        for row in found:
            click.echo(
                f"{row['service']}  {row['duty']}  {row['side'].upper()}"
                + (f"  when {row['when']}" if row["when"] else "")
            )
            for who, text in (("AWS", row["aws"]), ("You", row["you"])):
                if text:
                    click.echo(
                        click.wrap_text(
                            f"{who}: {text}", initial_indent="  ", subsequent_indent="       "
                        )
                    )
            click.echo(f"  {row['source']} (read {row['read']})\n")
    return 0
