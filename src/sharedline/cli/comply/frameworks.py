"""`sharedline comply frameworks`: which frameworks there are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click

from sharedline.cli.common import folder_option, format_option

COLUMNS = ("id", "title", "version", "parts", "aws", "shared", "customer", "unknown", "reviewed")


@click.command(name="frameworks")
@folder_option
@format_option()
def command(folder: Path, fmt: str) -> int:
    """The frameworks, and how much of each the line is drawn for.

    Counts are of control parts, without headers and withdrawn ones. Your own frameworks lie in the
    project's folder `frameworks/`; `sharedline comply convert` makes one.
    """
    from sharedline.cli import out
    from sharedline.comply import catalogue
    from sharedline.project import open_project

    own = open_project(folder).frameworks
    found = [_row(catalogue.load(name, own)) for name in catalogue.ids(own)]
    if not out.rows(fmt, found, (*COLUMNS, "publisher", "url", "read", "licence", "text")):
        narrow = (("id", "Framework", 22), ("title", "Title", 0), ("parts", "Parts", 5))
        sides = (("aws", "AWS", 5), ("shared", "Shared", 6), ("customer", "You", 5))
        more = (("version", "Version", 12), ("unknown", "Not drawn", 9))
        out.table(found, (*narrow, *sides), wide=(*narrow, *sides, *more))
        click.echo("\nOpen one: sharedline comply line --framework ID")
    return 0


def _row(framework: Any) -> dict[str, Any]:
    parts = [p for p in framework.parts.values() if not p.header and not p.withdrawn]
    sides = Counter(p.side.value for p in parts)
    return {
        "id": framework.id,
        "title": framework.title,
        "version": framework.version,
        "parts": len(parts),
        **{side: sides[side] for side in ("aws", "shared", "customer", "unknown")},
        "reviewed": sum(p.reviewed for p in parts),
        "publisher": framework.publisher,
        "url": framework.url,
        "read": framework.read.isoformat(),
        "licence": framework.licence,
        "text": framework.text,
    }
