"""Exercises for pages: the scenarios there are, what a person may see of one, a new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sharedline.duties import owners
from sharedline.errors import ConfigError, Error
from sharedline.exercise import library, store
from sharedline.exercise.compose import GAPS, LEAST, MOST, Wish, new
from sharedline.exercise.model import Scenario
from sharedline.exercise.session.store import played
from sharedline.inventory.lake import Lake
from sharedline.people import audit
from sharedline.people.model import Action, Person
from sharedline.results import Results
from sharedline.runbooks.library import FOLDER, load
from sharedline.scanning import reassess
from sharedline.web.site import Site
from sharedline.web.views.hiding import Hiding
from sharedline.web.views.shelf import shelf

#: Ids that are addresses of other pages.
RESERVED = frozenset({"new", "programme", "runs", "library"})
_SEEDS = 2**53


@dataclass(frozen=True, slots=True)
class Listed:
    """A scenario as everybody may see it, and why it cannot be read where it cannot."""

    id: str
    title: str
    summary: str
    minutes: int
    own: bool
    scenario: Scenario | None
    wrong: str = ""


def listed(site: Site, person: Person) -> list[Listed]:
    """The project's exercises, then the library's scenarios."""
    own = [_own(site, name) for name in store.ids(site.project)]
    theirs = [_of(scenario, own=False) for scenario in shipped(site)]
    hiding = Hiding(person.scope)
    whole = person.may(Action.FACILITATE)
    return [_seen(one, hiding, whole=whole) for one in (*own, *theirs)]


def shipped(site: Site) -> list[Scenario]:
    """The library's scenarios; reading them all takes a second, so they are kept."""
    found: list[Scenario] = shelf(site).get(
        ("library",), lambda: [library.load(name) for name in library.ids()]
    )
    return found


def _seen(one: Listed, hiding: Hiding, *, whole: bool) -> Listed:
    if whole:
        return one
    texts = (hiding.text(one.title), hiding.text(one.summary))
    wrong = "It cannot be read." if one.wrong else ""
    return Listed(one.id, *texts, one.minutes, one.own, None, wrong)


def _own(site: Site, name: str) -> Listed:
    try:
        # A folder may have any name, and a file changes when somebody edits it.
        key = ("exercise", name, store.path_of(site.project, name).stat().st_mtime_ns)
        found: Scenario = shelf(site).get(key, lambda: store.load(site.project, name))
        return _of(found, own=True, name=name)
    except ConfigError as error:  # a folder of the project that somebody wrote by hand
        return Listed(name, name, "", 0, True, None, f"{error.message} {error.advice}")


def _of(scenario: Scenario, *, own: bool, name: str = "") -> Listed:
    shown = played(scenario)
    return Listed(name or scenario.id, shown.title, shown.summary, shown.minutes, own, shown)


def one(site: Site, person: Person, name: str) -> Listed | None:
    """A scenario by its id: the project's first, as a run would find it."""
    return next((s for s in listed(site, person) if s.id == name), None)


def by_inject(scenario: Scenario) -> Iterable[dict[str, Any]]:
    """The messages in order, with what is decided and expected after each, and its phase once."""
    phases = {p.id: p for p in scenario.phases}
    last = ""
    for inject in scenario.injects:
        phase = phases.get(inject.phase) if inject.phase != last else None
        last = inject.phase
        yield {
            "inject": inject,
            "phase": phase,
            "decisions": [d for d in scenario.decisions if d.inject == inject.id],
            "expected": [e for e in scenario.expected if e.inject == inject.id],
        }


def teams(site: Site) -> list[str]:
    """The teams of the owner register."""
    return sorted(owners.load(site.project.owners).teams)


def wish(form: Mapping[str, str]) -> Wish:
    """What a form asks for.

    Raises:
        Error: A value is none that it can have.
    """
    source = form.get("source", GAPS) or GAPS
    if source not in (GAPS, *library.ids()):
        raise Error(f"There is no scenario {source[:60]!r}.", "Choose one of the list.")
    name = form.get("name", "").strip()
    if name in RESERVED:
        raise Error(f"{name!r} is the name of a page.", "Choose another.")
    return Wish(
        source=source,
        team=form.get("team", ""),
        seed=_number(form.get("seed", "1"), "The seed", 0, _SEEDS - 1),
        mask=form.get("mask", "") == "yes",
        minutes=_number(form.get("minutes", "60"), "The minutes", LEAST, MOST),
        name=name,
    )


def _number(text: str, what: str, least: int, most: int) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 16 and least <= int(text) <= most):
        raise Error(f"{what} must be a whole number from {least} to {most}.", "Write another.")
    return int(text)


def compose(site: Site, person: Person, asked: Wish, address: str) -> Scenario:
    """Composes an exercise from the newest scan and writes it into the project.

    Raises:
        Error: There is no scan, too little to tell, or an exercise of that id.
    """
    project = site.project
    lake = Lake(project.lake_url)
    manifest = lake.latest()
    if manifest.data.get("intent") != project.intent_digest():
        # The right answers are those of today's owner register.
        manifest = reassess(project, lake, manifest).manifest
    results = Results(lake, manifest, project)
    runbooks = list(load(project.folder / FOLDER).runbooks.values())
    with closing(results.duck):
        made = new(results, asked, runbooks)
    with site.database.begin() as connection:
        detail = {"source": asked.source, "team": asked.team, "seed": asked.seed}
        audit.write(
            connection, person.name, person.role, "exercise.new", made.id,
            {**detail, "masked": asked.mask}, address,
        )  # fmt: skip
        store.save(project, made)  # where this fails, nothing is recorded either
    return made
