"""`sharedline exercise library`: the scenarios that come with Sharedline."""

from __future__ import annotations

import click

from sharedline.cli.common import format_option

COLUMNS = ("id", "title", "minutes", "injects", "decisions", "duties", "summary")


@click.command(name="library")
@format_option("text", "json", "csv", "markdown")
def command(fmt: str) -> int:
    """The scenarios that come with Sharedline."""
    from sharedline.cli import out
    from sharedline.exercise import library

    found = [
        {
            "id": s.id,
            "title": s.title,
            "minutes": s.minutes,
            "injects": len(s.injects),
            "decisions": len(s.decisions),
            "duties": list(s.duties),
            "summary": s.summary,
        }
        for s in map(library.load, library.ids())
    ]
    if not out.rows(fmt, found, COLUMNS):
        columns = (("id", "Id", 27), ("minutes", "Min.", 4), ("title", "Title", 0))
        out.table(found, columns, wrapped=("title",))
        out.note("Make one yours: sharedline exercise new --scenario ID")
    return 0
