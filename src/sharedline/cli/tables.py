"""`sharedline tables [NAME]`: the inventory tables, in AWS's own words."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option, format_option


@click.command(name="tables")
@click.argument("name", default="")
@folder_option
@format_option("text", "json", "csv", "markdown")
def command(name: str, folder: Path, fmt: str) -> int:
    """The inventory tables and their columns.

    Without NAME a line each; with it every column, its type, and the IAM action that reads it.
    """
    from sharedline.cli import out
    from sharedline.describe import all_tables, one_table

    if not name:
        found = all_tables(folder)
        if not out.rows(fmt, found, ("table", "kind", "doc")):
            out.table(found, (("table", "Table", 34), ("doc", "What", 0)))
        return 0
    columns = one_table(folder, name)
    if not out.rows(fmt, columns, ("column", "type", "action", "doc")):
        out.table(
            columns,
            (("column", "Column", 26), ("type", "Type", 9), ("doc", "What", 0)),
            wide=(
                ("column", "Column", 36),
                ("type", "Type", 9),
                ("action", "Action", 36),
                ("doc", "What", 0),
            ),
            wrapped=("doc",),
        )
    return 0
