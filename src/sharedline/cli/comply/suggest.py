"""`sharedline comply suggest`: controls and duties that a clause may ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sharedline.cli.common import folder_option, format_option

COLUMNS = ("clause", "target", "title", "score", "words")


@click.command(name="suggest")
@click.argument("clauses", nargs=-1)
@click.option(
    "--framework", "frameworks", multiple=True, help="Where to look; duties and NIST by default."
)
@click.option("--most", type=click.IntRange(1, 50), default=5, show_default=True)
@folder_option
@format_option()
def command(
    clauses: tuple[str, ...], frameworks: tuple[str, ...], most: int, folder: Path, fmt: str
) -> int:
    """What a clause may ask for, by the words it shares; nothing is mapped by this.

    CLAUSES are ids or their beginnings; without them, every clause that is not mapped. Take one
    with `sharedline comply map CLAUSE TARGET --by NAME`.
    """
    from sharedline.cli import out
    from sharedline.comply.policies import clauses as read
    from sharedline.comply.policies import mapping
    from sharedline.comply.policies.suggest import Index
    from sharedline.project import open_project

    project = open_project(folder)
    every = read.read(project.policies)
    asked = mapping.of_clauses(
        every, mapping.read(project.mapping, project.frameworks), project.frameworks
    )
    chosen = read.pick(every, clauses) if clauses else [c for c in every if c.id not in asked]
    index = Index(frameworks or ("nist-800-53-r5",), project.frameworks)
    found = [s for c in chosen for s in index.suggest(c, most)]
    rows: list[dict[str, Any]] = [
        {"clause": s.clause, "target": s.target, "title": s.title, "score": s.score,
         "words": list(s.words)} for s in found
    ]  # fmt: skip
    if out.rows(fmt, rows, COLUMNS):
        return 0
    for clause in chosen:
        out.line(f"{clause.id}  {clause.title}")
        for s in (s for s in found if s.clause == clause.id):
            out.wrapped(f"{s.target}  {s.title}: {', '.join(s.words)}", indent=2)
    if not chosen:
        out.line("Every clause is mapped.")
    else:
        out.line("\nTake one: sharedline comply map CLAUSE TARGET --by NAME")
    return 0
