"""What a job can run: each kind does it for a project and says in a sentence what came of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping

from sharedline.errors import Error
from sharedline.notices import gather
from sharedline.notices.send import problems
from sharedline.project import Project
from sharedline.state.database import Database

#: Does it and says what was done; `Error` where something was not.
Kind = Callable[[Project], str]


class NotAllError(Error):
    """Some of it was done, some not; the rest is tried again."""


def scan(project: Project) -> str:
    """A scan by the settings; it closes improvements, and its evidence is written where a log is."""
    from sharedline.exercise.improve import after_scan
    from sharedline.scanning import scan as run

    done = run(folder=project.folder)
    results = done.results
    unmet = results.counts().get("unmet", 0)
    said = f"Scan {done.id}: {unmet} unmet"
    if done.incomplete:
        said += f", incomplete ({len(done.manifest.failures)} tables not read)"
    closed = after_scan(project, results)
    if closed:
        said += f", {len(closed)} improvements changed"
    return f"{said}.{_recorded(project)}"


def _recorded(project: Project) -> str:
    from sharedline.comply.evidence.files import PUBLIC
    from sharedline.comply.evidence.record import record
    from sharedline.comply.evidence.store import open_store

    if not (project.evidence / PUBLIC).is_file():
        return ""
    try:
        record(open_store(project.evidence), project)
    except Error as error:  # the scan is done by now
        return f" Not in the evidence log: {error.message}"
    return ""


def _notices(kind: str) -> Kind:
    def run(project: Project) -> str:
        outcomes = gather.tell(project, kind)
        wrong = problems(outcomes)
        sent = sum(o.state == "sent" for o in outcomes)
        before = sum(o.state == "before" for o in outcomes)
        said = f"{sent} sent, {before} told before."
        if wrong:
            raise NotAllError(f"{said} {' '.join(wrong)}", "It is tried again.")
        return said

    return run


def tickets(project: Project) -> str:
    """Opens issues for the findings of the severities in the settings, and brings all up to date."""
    from sharedline.notices import jira, opening
    from sharedline.notices import tickets as issues
    from sharedline.notices.settings import audience

    given = jira.settings(project)
    with contextlib.ExitStack() as held:
        database = held.enter_context(contextlib.closing(Database(project.database_url)))
        results = gather.newest(project)
        held.callback(results.duck.close)
        tracker = held.enter_context(contextlib.closing(jira.Jira(given)))
        synced = list(issues.sync(project, results, tracker, database))
        found = issues.untold(database, issues.wanted(results, severities=given.severities))
        few = found[: given.limit]
        opened = list(opening.open_for(results, few, tracker, database, audience(project)))
    left = max(0, len(found) - given.limit)
    more = f", {left} wait for the next time" if left else ""
    return f"{len(opened)} issues opened, {len(synced)} brought up to date{more}."


KINDS: Mapping[str, Kind] = {
    "scan": scan,
    **{kind: _notices(kind) for kind in gather.KINDS},
    "tickets": tickets,
}
#: What each does, in a sentence for people.
DOES: Mapping[str, str] = {
    "scan": "Scans by the settings, closes improvements, writes the evidence log where there is one.",
    "digest": "Tells each team its week: what is new, mended, reopened, and the worst that is open.",
    "expiring": "Tells of waivers and attestations that expire soon, or did lately.",
    "exercises": "Tells of exercises that are due and improvements past their day.",
    "tickets": "Opens issues in Jira for the worst findings, and brings all issues up to date.",
}
