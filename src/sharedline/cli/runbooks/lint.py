"""`sharedline runbooks lint`: what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option, format_option
from sharedline.cli.runbooks.common import days_option

COLUMNS = ("runbook", "severity", "kind", "what", "fix", "path", "line")


@click.command(name="lint")
@folder_option
@format_option()
@days_option
def command(folder: Path, fmt: str, days: int) -> int:
    """What is wrong with the runbooks: retired types, no owner, never tested.

    Also dead links, duties, detections and checks that do not exist, actions that IAM does not
    know, commands that the AWS command line does not have, and phases without a step. Exit code 1
    where anything is found.
    """
    from sharedline.checks.load import load as load_checks
    from sharedline.cli import out
    from sharedline.cli.runbooks.common import library_of, today
    from sharedline.duties import owners
    from sharedline.duties.catalogue import load as load_duties
    from sharedline.project import open_project
    from sharedline.runbooks.lint import Known, lint
    from sharedline.runbooks.rules import rules

    project = open_project(folder)
    register = owners.load(project.owners).teams if project.owners.is_file() else None
    known = Known(
        duties=load_duties().duties,
        checks=load_checks((), project.checks),
        detections=rules(),
        today=today(),
        teams=register,
        days=days,
    )
    found = [one.plain() for one in lint(library_of(project), known)]
    if not out.rows(fmt, found, COLUMNS):
        for row in found:
            row["said"] = f"{row['what']} {row['fix']}"
            row["at"] = f"{row['runbook']}:{row['line']}" if row["line"] else row["runbook"]
        columns = (("severity", "Severity", 8), ("at", "Runbook", 30), ("said", "What", 0))
        if found:
            out.table(found, columns, wrapped=("said",))
        else:
            out.line("Nothing is wrong.")
    return 1 if found else 0
