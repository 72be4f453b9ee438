"""`sharedline show RESOURCE`: everything about one resource."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sharedline.cli.common import folder_option, format_option, results_of, scan_option


@click.command(name="show")
@click.argument("resource")
@folder_option
@scan_option
@format_option("text", "json")
def command(resource: str, folder: Path, scan_id: str, fmt: str) -> int:
    """One resource: its line, findings, owner, evidence.

    RESOURCE is an ARN, or the end of one.
    """
    from sharedline.cli import out
    from sharedline.resource import about

    found = about(results_of(folder, scan_id, fresh=True), resource)
    if fmt == "json":
        out.as_json(found)
        return 0
    _print(found)
    return 0


def _print(found: dict[str, Any]) -> None:
    from sharedline.cli import out
    from sharedline.text import visible

    click.echo(visible(found["arn"], lines=False))
    click.echo(
        f"  {found['service_name']} in account {visible(found['account_id'])}, "
        f"{visible(found['region'])}"
    )
    click.echo()
    out.table(
        found["line"],
        (("side", "Side", 8), ("duty", "Duty", 0), ("owner", "Owner", 24)),
        wide=(
            ("side", "Side", 8),
            ("duty", "Duty", 34),
            ("owner", "Owner", 24),
            ("text", "Who does what", 0),
        ),
        title="The line",
        wrapped=("text",),
    )
    click.echo()
    if found["findings"]:
        out.table(
            found["findings"],
            (("status", "Status", 10), ("check", "Check", 0), ("reason", "Reason", 0)),
            wide=(
                ("status", "Status", 10),
                ("severity", "Severity", 8),
                ("life", "Life", 8),
                ("check", "Check", 40),
                ("reason", "Reason", 0),
            ),
            title="Findings",
            wrapped=("reason",),
        )
    else:
        click.echo("No check looks at it.")
    if found["columns"]:
        click.echo("\nAs AWS describes it (evidence)")
        for name, value in sorted(found["columns"].items()):
            if value not in (None, "", [], "{}"):
                click.echo(f"  {name}: {visible(value, lines=False)[:200]}")
