"""Runbooks for pages: what they answer, what is wrong with them, one as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from sharedline.checks.load import load as load_checks
from sharedline.duties import owners
from sharedline.duties.catalogue import load as load_duties
from sharedline.project import Project
from sharedline.results import Results
from sharedline.runbooks import coverage, estate
from sharedline.runbooks.library import FOLDER, Library, load
from sharedline.runbooks.lint import Fault, Known, lint
from sharedline.runbooks.read import FRONT, text_of
from sharedline.runbooks.rules import rules
from sharedline.text import visible

KINDS = {
    "guardduty": "GuardDuty’s finding types",
    "control": "Security Hub’s controls",
    "check": "Checks without a control",
    "detection": "Own detections",
}
STATUSES = ("unanswered", "untested", "stale", "tested")
#: A test of a runbook is good for so many days, as the verb has it.
DAYS = 365


@dataclass(frozen=True)
class Procedures:
    """The runbooks, what is wrong with them, and what of the estate they answer."""

    library: Library
    faults: tuple[Fault, ...]
    #: None where there is no scan to say what the estate can raise.
    rows: tuple[dict[str, Any], ...] | None
    summary: tuple[dict[str, Any], ...]


def stamp(project: Project, today: date) -> tuple[object, ...]:
    """What the answers depend on beside the scan."""
    folder = project.folder / FOLDER
    files = sorted(folder.rglob("*")) if folder.is_dir() else []
    seen = tuple((str(p), p.stat().st_mtime_ns) for p in (*files, project.owners) if p.is_file())
    return today, seen


def reckon(project: Project, results: Results | None, today: date) -> Procedures:
    """Everything that the pages show of runbooks."""
    library = load(project.folder / FOLDER)
    known = Known(
        duties=load_duties().duties,
        checks=load_checks((), project.checks),
        detections=rules(),
        today=today,
        teams=owners.load(project.owners).teams if project.owners.is_file() else None,
        days=DAYS,
    )
    faults = tuple(lint(library, known))
    if results is None:
        return Procedures(library, faults, None, ())
    asked = coverage.Asked(today, DAYS)
    found = coverage.rows(library, results.checks, estate.of(results), asked)
    plain = tuple(row.plain() for row in found)
    return Procedures(library, faults, plain, tuple(coverage.summary(found)))


# -- one as HTML ------------------------------------------------------------------------------


def _markdown(library: Library, name: str) -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")

    def link(
        writer: RendererHTML, tokens: Sequence[Token], idx: int, options: Any, env: Any
    ) -> str:
        token = tokens[idx]
        target = address(library, name, str(token.attrs.get("href", "")))
        token.attrs.clear()
        if target:
            token.attrs["href"] = target
            token.attrs["rel"] = "noreferrer"
        return writer.renderToken(tokens, idx, options, env)

    made.add_render_rule("link_open", link)
    return made


def address(library: Library, name: str, href: str) -> str:
    """Where a link of a runbook leads: a public page, or another runbook; nothing for the rest."""
    if href.startswith("https://"):
        return href
    target = href.partition("#")[0]
    place = PurePosixPath(name).parent / target
    if "://" in href or ".." in place.parts or place.suffix not in (".md", ".json"):
        return ""
    other = place.with_suffix("").as_posix()
    return f"/runbooks/{other}" if other in library.runbooks else ""


def html(library: Library, name: str) -> Markup:
    """A runbook's text: raw HTML in it is shown as text, links lead to https or to runbooks."""
    one = library.runbooks[name]
    text = text_of(Path(one.path))
    if Path(one.path).suffix == ".json":
        text = "\n".join(f"{n}. {step.text}" for n, step in enumerate(one.steps, 1))
    else:
        text = FRONT.sub("", text, count=1)
    made = _markdown(library, name)
    tokens = made.parse(visible(text))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            # The page's own heading is the first; theirs begin one below, and none is left out.
            token.tag = f"h{min(6, max(2, int(token.tag[1])))}"
    return Markup(made.renderer.render(_titled(tokens, one.title), made.options, {}))  # noqa: S704


def _titled(tokens: list[Token], title: str) -> list[Token]:
    """Without a first heading that repeats the title, which the page has."""
    head = [t.type for t in tokens[:3]]
    if head[:1] == ["heading_open"] and tokens[1].content.strip() == title.strip():
        return tokens[3:]
    return tokens
