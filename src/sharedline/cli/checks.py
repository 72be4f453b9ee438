"""`sharedline checks`: the catalogue of checks, one of them, or their examples run."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option, format_option


@click.group(name="checks")
def command() -> None:
    """List the checks, show one, or run their examples."""


@command.command(name="list")
@click.argument("globs", nargs=-1)
@folder_option
@format_option("text", "json", "csv", "markdown")
def list_(globs: tuple[str, ...], folder: Path, fmt: str) -> int:
    """The checks that match (all by default)."""
    from sharedline.checks.load import load
    from sharedline.cli import out
    from sharedline.project import open_project

    found = [
        {
            "check": c.id,
            "title": c.title,
            "severity": c.severity,
            "duty": c.duty,
            "controls": {k: list(v) for k, v in c.controls.items()},
        }
        for c in load(globs, open_project(folder).checks).values()
    ]
    if not out.rows(fmt, found, ("check", "severity", "duty", "title", "controls")):
        out.table(
            found,
            (("severity", "Sev.", 8), ("check", "Check", 0)),
            wide=(
                ("severity", "Severity", 8),
                ("check", "Check", 48),
                ("duty", "Duty", 28),
                ("title", "Title", 0),
            ),
        )
    return 0


@command.command()
@click.argument("check_id")
@folder_option
def show(check_id: str, folder: Path) -> int:
    """One check: why it matters, how to mend it, its controls and its SQL."""
    from sharedline.checks.load import load
    from sharedline.cli import out
    from sharedline.project import open_project

    for c in load([check_id], open_project(folder).checks).values():
        out.line(f"{c.id}  ({c.severity}, {c.duty})\n{c.title}\n\n{c.why}\n\nFix:\n{c.fix}\n")
        for framework, ids in c.controls.items():
            out.line(f"{framework}: {', '.join(ids)}")
        out.line(f"\n{c.sql}\n")
    return 0


@command.command()
@click.argument("globs", nargs=-1)
@folder_option
def test(globs: tuple[str, ...], folder: Path) -> int:
    """Run the example rows beside the checks: yours, and those that ship."""
    from sharedline.checks.examples import problems_of
    from sharedline.checks.load import load
    from sharedline.cli import out
    from sharedline.project import open_project

    project = open_project(folder)
    checks = load(globs, project.checks)
    problems = [
        p for check in checks.values() for p in problems_of(check, project.tables, project.checks)
    ]
    for problem in problems:
        out.line(str(problem))
    click.echo(f"{len(checks)} checks, {len(problems)} problems", err=True)
    return 2 if problems else 0
