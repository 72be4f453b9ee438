"""`sharedline owners`: the register, and which rule decided."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option, format_option, results_of, scan_option


@click.group(name="owners")
def command() -> None:
    """Who owns a duty on a resource, and which rule says so."""


@command.command()
@folder_option
@format_option("text", "json", "csv", "markdown")
def teams(folder: Path, fmt: str) -> int:
    """The teams, and whom to call."""
    from sharedline.cli import out
    from sharedline.duties.owners import load
    from sharedline.project import open_project

    found = [
        {"team": t.name, "person": t.person, "contact": t.contact}
        for t in load(open_project(folder).owners).teams.values()
    ]
    if not out.rows(fmt, found, ("team", "person", "contact")):
        out.table(
            found, (("team", "Team", 20), ("person", "Person", 24), ("contact", "Contact", 0))
        )
    return 0


@command.command()
@click.argument("resource")
@click.option("--duty", required=True, help="A duty id, e.g. data.exposure.")
@folder_option
@scan_option
@format_option("text", "json")
def explain(resource: str, duty: str, folder: Path, scan_id: str, fmt: str) -> int:
    """Which rule gives a resource's duty its owner: every rule, whether it matches, the last wins."""
    from sharedline.cli import out
    from sharedline.project import open_project
    from sharedline.resource import explain_owner

    found = explain_owner(results_of(folder, scan_id), resource, duty)
    if fmt == "json":
        out.as_json(found)
        return 0
    here = f"{open_project(folder).folder}/"  # where the rules are is known; the name says which
    for rule in found["rules"]:
        rule["place"] = rule["place"].removeprefix(here)
    out.table(found["rules"], (("matches", "Match", 7), ("team", "Team", 28), ("place", "Rule", 0)))
    click.echo()
    person = f" (call {found['person']})" if found["person"] else ""
    out.line(f"{duty} on {found['resource']}: {found['owner']}{person}")
    out.line(f"Decided by {found['decided_by'].removeprefix(here)}.")
    return 0
