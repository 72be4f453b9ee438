"""Writes the report: gathers what the page shows, renders it piece by piece into one file."""

from __future__ import annotations

import os
import shlex
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from sharedline import __version__, pages
from sharedline.errors import Error
from sharedline.report import facts, findings, gaps, heat, paths, since
from sharedline.report.names import (
    GLYPH,
    SIDES,
    anchor,
    clipped,
    count,
    day,
    minute,
    safe_url,
)
from sharedline.results import Results

PACKAGE = "sharedline.report"
#: The template's text is joined to pieces of this size before it is written.
PIECES = 500


def write(results: Results, path: Path) -> None:
    """Writes the report of a scan to a file, which appears whole or not at all."""
    # A device or a pipe is written to, never replaced.
    if path.exists() and not (path.is_file() or path.is_dir()):
        with path.open("w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.writelines(render(results))
        return
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("w", encoding="utf-8", errors="backslashreplace") as stream:
            for piece in render(results):
                stream.write(piece)
        os.replace(temporary, path)  # noqa: PTH105 Path.replace hides which of two paths failed
    except OSError as error:
        raise Error(
            f"The report could not be written to {path} ({error.strerror or error}).",
            "Choose another file with --output, or free some space.",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def render(results: Results) -> Iterator[str]:
    """The report's HTML, piece by piece."""
    style = pages.asset(PACKAGE, "style.css")
    template = _environment().get_template("report.html")
    stream = template.stream(
        style=Markup(style),  # noqa: S704 our own file, in the package
        policy=pages.policy(style, images=True),
        version=__version__,
        **_context(results),
    )
    stream.enable_buffering(PIECES)
    return iter(stream)


def _context(results: Results) -> dict[str, Any]:
    cells = results.cells()
    checks = findings.tally(results)
    board = heat.board(results, cells, checks)
    found = results.gaps()
    return {
        "facts": facts.facts(results),
        "unread": facts.unread(results),
        "summary": findings.summary(results, cells, found),
        "board": board,
        "owners": gaps.by_owner(results, found),
        "unowned": gaps.by_duty(found, "unowned"),
        "unverified": gaps.by_duty(found, "unverified"),
        "inherited": heat.inherited(cells),
        "unreviewed": heat.unreviewed(cells),
        "unknown": findings.unknown(results),
        "severities": findings.by_severity(results, checks),
        "met": findings.met(checks),
        "waivers": findings.waivers(results),
        "waived": findings.waived(results),
        "since": since.changed(results),
        "escalation": paths.escalation(results),
    }


def _environment() -> jinja2.Environment:
    environment = pages.environment(PACKAGE)
    environment.filters.update(
        anchor=anchor,
        clipped=clipped,
        count=count,
        day=day,
        minute=minute,
        shell=shlex.quote,
        url=safe_url,
    )
    environment.globals.update(GLYPH=GLYPH, SIDES=SIDES)
    return environment
