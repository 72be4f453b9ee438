"""`sharedline comply convert`: a framework that you hold a licence for, as data of your own."""

from __future__ import annotations

import re
from pathlib import Path

import click

from sharedline.cli.common import folder_option

_HEAD = """\
# Your own copy of a framework: its text stays in this folder, mind its licence.
id = {id}
title = {title}
publisher = {publisher}
version = {version}
url = {url}
read = {read}
licence = {licence}
text = {text}
"""


@click.command(name="convert")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--id", "name", required=True, help="The framework's id and folder.")
@click.option("--title", default="", help="Its title; the id by default.")
@click.option("--version", default="1", show_default=True, help="Its version.")
@click.option("--publisher", default="not given", help="Who publishes it.")
@click.option("--url", default="not given", help="Where it is published.")
@click.option("--licence", default="not given", help="Under which licence you hold it.")
@folder_option
def command(
    file: Path,
    name: str,
    title: str,
    version: str,
    publisher: str,
    url: str,
    licence: str,
    folder: Path,
) -> int:
    """Make a framework of your own from an OSCAL catalogue or a table.

    FILE is an OSCAL catalogue (JSON), or CSV with columns id and title, and if wanted text, `of`
    (the control whose part it is) and `in` (its group). It goes to frameworks/ID/ in the project
    and wins over ours of that id, whose lines it takes over where the ids agree; draw others in
    frameworks/ID/lines/*.toml.
    """
    from datetime import UTC, datetime

    from sharedline.cli import out
    from sharedline.comply import catalogue, convert
    from sharedline.errors import Error
    from sharedline.project import open_project
    from sharedline.text import toml

    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name):
        raise Error(f"{name!r} is no id.", "Use small letters, digits, dots and hyphens.")
    target = open_project(folder).frameworks / name
    if (target / "framework.toml").exists():
        raise Error(f"{target} is there already.", "Remove it first, or take another id.")
    parts = convert.from_csv(file) if file.suffix == ".csv" else convert.from_oscal(file)
    lines = convert.lines_of(name, parts) if name in catalogue.ids() else ""
    head = _HEAD.format(
        id=toml(name),
        title=toml(title or name),
        publisher=toml(publisher),
        version=toml(version),
        url=toml(url),
        read=datetime.now(UTC).date().isoformat(),
        licence=toml(licence),
        text="true" if any("text" in p for p in parts) else "false",
    )
    convert.write(target, head, parts, lines)
    made = catalogue.load(name, target.parent)
    drawn = sum(p.reviewed for p in made.parts.values())
    out.line(f"Wrote {len(parts):,} parts to {target}; the line is drawn for {drawn:,} of them.")
    return 0
