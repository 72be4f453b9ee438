"""What would be told now, to whom, and whether it was told before; nobody is told by looking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sharedline.notices import gather, told
from sharedline.notices.model import Notice
from sharedline.notices.send import key_of
from sharedline.project import Project
from sharedline.state.database import Database
from sharedline.web import site as sites
from sharedline.web.site import Site
from sharedline.web.views.linked import recipients
from sharedline.web.views.looking import newest
from sharedline.web.views.shelf import Told, of_scan, shelf

#: The kinds of notices, each with what it is called.
KINDS = {
    "digest": "The week of each team",
    "expiring": "What expires",
    "exercises": "Exercises and improvements",
}


@dataclass(frozen=True, slots=True)
class Would:
    """A notice, and each of its targets with the time at which it was told there."""

    notice: Notice
    #: The team, or the admins in its place.
    whose: str
    targets: tuple[tuple[str, datetime | None], ...]


@dataclass(frozen=True, slots=True)
class Made:
    """The notices of a kind as of a moment."""

    at: datetime
    notices: tuple[Notice, ...]
    #: Whether owners, waivers or attestations changed since the scan was judged.
    changed: bool


def made(site: Site, project: Project, kind: str) -> Told:
    """The notices of a kind, made in the thread that reckons; anew for each scan, at least hourly."""
    now, manifest = sites.now(), newest(site)
    scan = of_scan(manifest) if manifest else ("",)
    settings = repr(sorted(project.notify.items()))
    key = ("notices", kind, *scan, project.intent_digest(), f"{now:%F %H}", settings)
    changed = manifest is not None and manifest.data.get("intent") != project.intent_digest()

    def make() -> Made:
        found = gather.notices(project, kind, now, anew=False)
        return Made(now, tuple(found), changed and kind != "exercises")

    return shelf(site).ask(key, make)


def would(database: Database, project: Project, notices: tuple[Notice, ...]) -> list[Would]:
    """Each notice with its targets, what was told already last."""
    to = recipients(project)
    pairs = [(notice, target) for notice in notices for target in to.of(notice.team)]
    before = told.when(database, (key_of(notice, target) for notice, target in pairs))
    found = [
        Would(
            notice,
            notice.team if to.teams.get(notice.team) else "the admins",
            tuple((t.shown, before.get(key_of(notice, t))) for t in to.of(notice.team)),
        )
        for notice in notices
    ]
    return sorted(found, key=lambda w: bool(w.targets) and all(at for _, at in w.targets))
