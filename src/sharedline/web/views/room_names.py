"""The names that answers choose from: teams of the owner register, runbooks of the project."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from sharedline.duties import owners
from sharedline.duties.matrix import AWS_OWNS
from sharedline.errors import Error
from sharedline.exercise.session.model import RunState
from sharedline.runbooks import library
from sharedline.web.site import Site

#: Seconds for which files of the project are not read again.
KEPT = 60.0
Names = Mapping[str, Sequence[str]]


def names_of(site: Site, state: RunState) -> Names:
    """`owners` and `runbooks`; nothing where every question brings its own choices."""
    asked = [q for i in state.scenario.injects for q in i.questions]
    if all(q.choices for q in asked if q.kind in ("owner", "runbook")):
        return {}
    known = site.kept.get("room names")
    if known is None or time.monotonic() - known[0] > KEPT:
        known = site.kept["room names"] = time.monotonic(), _read(site)
    found: Names = known[1]
    return found


def _read(site: Site) -> Names:
    try:
        teams = sorted(owners.load(site.project.owners).teams)
    except Error:
        teams = []  # a register that cannot be read is no reason to stop an exercise
    books = library.load(site.project.folder / library.FOLDER).runbooks
    return {"owners": [*teams, AWS_OWNS], "runbooks": list(books)}
