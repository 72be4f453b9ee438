"""Brings together what the notices of a project are made of, and makes them."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

from sharedline.duties.waivers import load as load_waivers
from sharedline.errors import Error
from sharedline.inventory.lake import Lake
from sharedline.model import NOBODY
from sharedline.notices import digest, due
from sharedline.notices.model import Notice
from sharedline.notices.send import Outcome, need_apprise, send
from sharedline.notices.settings import audience
from sharedline.project import Project
from sharedline.results import Results
from sharedline.state import State
from sharedline.state.database import Database

KINDS = ("digest", "expiring", "exercises")


def newest(project: Project, *, anew: bool = True) -> Results:
    """The newest scan; with `anew` judged again where owners, waivers or attestations changed since."""
    lake = Lake(project.lake_url)
    manifest = lake.latest()
    if anew and manifest.data.get("intent") != project.intent_digest():
        from sharedline.scanning import reassess

        manifest = reassess(project, lake, manifest).manifest
    return Results(lake, manifest, project)


def notices(
    project: Project, kind: str, now: datetime | None = None, *, anew: bool = True
) -> list[Notice]:
    """The notices of a kind as of now; `Error` where there is no scan to speak of.

    Without `anew` nothing is written: a scan is taken as it was judged last.
    """
    now = now or datetime.now(UTC)
    if kind == "exercises":
        with contextlib.closing(Database(project.database_url)) as database:
            late = due.overdue(database, now.date())
            asked = rehearsals(project, database, now)
        return due.exercises(asked, late, audience(project))
    with contextlib.closing(State(project.database_url)) as state:
        claims, said = state.claims(), state.attestations()
    results, waivers = newest(project, anew=anew), load_waivers(project.waivers)
    with contextlib.closing(results.duck):
        to = audience(project)
        if kind == "expiring":
            return due.expiring(results, waivers, said, to, now)
        before = digest.week_before(results.lake.scans(), results.manifest)
        earlier = Results(results.lake, before, project) if before else None
        return digest.digests(results, earlier, waivers, claims, to, now)


def rehearsals(project: Project, database: Database, now: datetime) -> list[due.Due]:
    """What the programme of exercises says is due: a team's is its own, all else the admins'."""
    from sharedline.exercise.programme import programme

    return [
        due.Due(
            name=f"{one.kind} {one.name}",
            why=one.title,
            due=one.again,
            owner=one.name if one.kind == "team" else NOBODY,
        )
        for one in programme(project, database, now).exercised
        if one.due
    ]


def tell(project: Project, kind: str, now: datetime | None = None) -> list[Outcome]:
    """Makes the notices of a kind and sends those that were not sent.

    Raises:
        Error: Nobody is named in `[notify]`, Apprise is missing, or there is no scan.
    """
    to = audience(project)
    if not to.admins and not to.teams:
        raise Error(
            "Nobody is named to tell.",
            "Write admins and teams under [notify] in sharedline.toml.",
        )
    need_apprise()
    made = notices(project, kind, now)
    with contextlib.closing(Database(project.database_url)) as database:
        return send(database, made, to)
