"""Writes the report: gathers what the page shows, renders it piece by piece into one file."""

from __future__ import annotations

import base64
import hashlib
import os
import shlex
import uuid
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from sharedline import __version__
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
from sharedline.text import visible

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
    style = _asset("style.css")
    template = _environment().get_template("report.html")
    stream = template.stream(
        style=Markup(style),  # noqa: S704 our own file, in the package
        policy=policy(style),
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


def policy(style: str) -> str:
    """The page may use its own style sheet, known by its digest, and nothing else at all."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _asset(name: str) -> str:
    text = resources.files("sharedline.report").joinpath("templates", name).read_text("utf-8")
    # The digest is of what the browser reads: it turns CRLF into LF before it looks.
    return text.replace("\r\n", "\n")


def _shown(value: Any) -> Any:
    """Every value that a template prints: characters that a page would act on become visible."""
    if value is None:
        return ""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_asset),
        autoescape=True,
        finalize=_shown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        anchor=anchor, clipped=clipped, count=count, day=day, minute=minute, shell=shlex.quote,
        url=safe_url,
    )
    environment.globals.update(GLYPH=GLYPH, SIDES=SIDES)
    return environment
