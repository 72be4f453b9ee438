"""What the notices' verbs share: sending or showing, and what each was told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


def dry_option(f: Callable[..., Any]) -> Callable[..., Any]:
    """`--dry-run`: shows what would be told, and to whom."""
    return click.option("--dry-run", "dry", is_flag=True, help="Show it; tell nobody.")(f)


def notify(folder: Path, kind: str, *, dry: bool) -> int:
    """Sends (or shows) the notices of a kind; exit code 3 where somebody could not be told."""
    from sharedline.cli import out
    from sharedline.notices import gather
    from sharedline.notices.send import problems
    from sharedline.notices.settings import audience
    from sharedline.project import open_project

    project = open_project(folder)
    if dry:
        to = audience(project)
        found = gather.notices(project, kind)
        for notice in found:
            targets = ", ".join(t.shown for t in to.of(notice.team)) or "nobody: no target is set"
            out.line(f"To {targets}\n{notice.title}\n\n{notice.plain()}")
        out.note(f"{len(found)} notices; nobody was told.")
        return 0
    outcomes = gather.tell(project, kind)
    for one in outcomes:
        if one.state == "sent":
            out.line(f"Told {one.target}: {one.notice.title}")
    before = sum(o.state == "before" for o in outcomes)
    if before:
        out.note(f"{before} were told before.")
    if not outcomes:
        out.note("There is nothing to tell.")
    wrong = problems(outcomes)
    for sentence in wrong:
        out.note(sentence)
    if wrong:
        out.note("What was not told is tried again the next time.")
    return 3 if wrong else 0
