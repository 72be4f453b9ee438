"""Printing: tables that fit the terminal, JSON, CSV and Markdown for everything else."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sharedline.text import brief, defused, json_visible, middle, visible

GLYPH = {
    "met": ("✓", "green"),
    "unmet": ("✗", "bold red"),
    "unknown": ("?", "yellow"),
    "unverified": ("○", "magenta"),
    "unowned": ("⌀", "magenta"),
    "waived": ("~", "cyan"),
    "inherited": ("A", "dim"),
}
SEVERITY = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}


def console(*, err: bool = False) -> Console:
    """A console for stdout (or stderr); colours only on a terminal."""
    return Console(stderr=err, highlight=False, soft_wrap=False, emoji=False, markup=False)


def as_json(value: Any) -> None:
    """Prints JSON."""
    click.echo(json_visible(json.dumps(value, indent=2, ensure_ascii=False, default=str)))


def _safe(value: Any) -> str:
    """A CSV cell that no spreadsheet runs as a formula."""
    return defused(visible("" if value is None else value, lines=False))


def as_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Prints CSV."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([_safe(c) for c in columns])
    for row in rows:
        writer.writerow([_safe(_flat(row.get(c))) for c in columns])


def _flat(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value


def as_markdown(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Prints a Markdown table."""
    click.echo("| " + " | ".join(visible(c, lines=False) for c in columns) + " |")
    click.echo("|" + " --- |" * len(columns))
    for row in rows:
        cells = [visible(_flat(row.get(c)) or "", lines=False) for c in columns]
        escaped = [c.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;") for c in cells]
        click.echo("| " + " | ".join(escaped) + " |")


def rows(fmt: str, found: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> bool:
    """Prints rows in a machine format; False where the format is text."""
    if fmt == "json":
        as_json(list(found))
    elif fmt == "csv":
        as_csv(found, columns)
    elif fmt == "markdown":
        as_markdown(found, columns)
    else:
        return False
    return True


def table(
    found: Iterable[Mapping[str, Any]],
    columns: Sequence[tuple[str, str, int]],
    *,
    wide: Sequence[tuple[str, str, int]] = (),
    title: str = "",
    wrapped: Sequence[str] = (),
) -> None:
    """A table that fits: `columns` are (key, heading, minimum width), 0 takes what is left.

    `wide` is used instead on terminals of 120 columns and more. Sentences (the keys `wrapped`) go
    on in the next line; all else is cut.
    """
    out = console()
    chosen = wide if wide and out.width >= 120 else columns
    drawn = Table(
        title=title or None,
        title_justify="left",
        box=None,
        pad_edge=False,
        show_edge=False,
        header_style="bold",
        padding=(0, 1, 0, 0),
    )
    flexible = [c for c in chosen if not c[2]]
    gaps = len(chosen)  # Rich counts a column's padding in its width
    fixed = sum(c[2] for c in chosen)
    room = max(10, (out.width - fixed - gaps) // max(1, len(flexible)))
    for key, heading, width in chosen:
        drawn.add_column(
            Text(visible(heading, lines=False)),
            width=(width or room) + 1,
            no_wrap=key not in wrapped,
            overflow="fold" if key in wrapped else "ellipsis",
        )
    for row in found:
        drawn.add_row(*(_cell(key, row.get(key), width or room) for key, _, width in chosen))
    out.print(drawn)


def _cell(key: str, value: Any, width: int) -> Text:
    text = visible("" if value is None else value, lines=False)
    if key == "status" and text in GLYPH:
        glyph, style = GLYPH[text]
        return Text(f"{glyph} {text}", style=style)
    if key == "severity":
        return Text(text, style=SEVERITY.get(text, ""))
    if key in ("resource", "arn"):
        return Text(brief(text, width))
    if key == "source":
        return Text(middle(text, width))
    if key == "owner" and text == "nobody":
        return Text(text, style="magenta")
    return Text(text)


def line(message: str) -> None:
    """A sentence on stdout that may hold names from AWS or from files."""
    click.echo(visible(message))


def note(message: str) -> None:
    """A message for people, on stderr."""
    click.echo(visible(message), err=True)


def wrapped(message: str, indent: int = 0) -> None:
    """A sentence on stdout, broken at the terminal's width, its further lines indented more."""
    first = " " * indent
    width = min(console().width, 110)
    click.echo(
        click.wrap_text(
            visible(message, lines=False),
            width=width,
            initial_indent=first,
            subsequent_indent=first + "     ",
        )
    )
