"""What is done with a run outside its room: opened, entered, scored, reported, improved."""

from __future__ import annotations

import contextlib
import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from starlette.requests import Request

from sharedline.errors import Error
from sharedline.exercise import improve
from sharedline.exercise.after import page as after_page
from sharedline.exercise.after import pdf, text
from sharedline.exercise.after.findings import Standing
from sharedline.exercise.after.report import as_json, report
from sharedline.exercise.improve.propose import lately
from sharedline.exercise.keep import keep
from sharedline.exercise.model import Scenario
from sharedline.exercise.score import PARTS, TITLES, Row, score
from sharedline.exercise.session import joining, store
from sharedline.exercise.session.acts import plain_text
from sharedline.exercise.session.model import Participant, RunState, Seat, Settings
from sharedline.exercise.session.room import Room
from sharedline.people import audit
from sharedline.people.model import Person
from sharedline.web.access import address_of
from sharedline.web.site import Site
from sharedline.web.views.looking import newest
from sharedline.web.views.shelf import opened

FORMS: Mapping[str, str] = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
}
_POLICY = re.compile(r'http-equiv="Content-Security-Policy"\s+content="([^"]+)"', re.I)


def record(
    site: Site, request: Request, person: Person, action: str, target: str, **detail: str
) -> None:
    """Writes an act into the audit log."""
    with site.database.begin() as connection:
        audit.write(
            connection, person.name, person.role, action, target, detail, address_of(request)
        )


def open_run(
    site: Site, request: Request, person: Person, scenario: Scenario, settings: Settings
) -> store.Run:
    """Opens a room and seats who opened it as its facilitator."""
    run = store.create(site.database, scenario, settings, person.name)
    sit(site, run, person, "facilitator")
    record(site, request, person, "exercise.open", run.id, scenario=scenario.id)
    return run


def sit(site: Site, run: store.Run, person: Person, seat: Seat) -> Participant:
    """Seats somebody with an account; where they sit there already, nothing changes."""
    now = joining.seat_of(site.database, run.id, person.id)
    if now and now.seat == seat:
        return now
    name = (person.full_name or person.name)[:40]
    tries = [name, f"{name} ({seat})", *(f"{name} ({seat} {n})" for n in range(2, 20))]
    for n, called in enumerate(tries):
        try:
            return joining.join(
                site.database, run.id, run.code, called, seat, facilitate=True,
                person_id=person.id,
            )[0]  # fmt: skip
        except Error as error:
            if "already" not in error.message or n == len(tries) - 1:
                raise
    raise AssertionError("the last try raises")


def scored(state: RunState) -> dict[str, Any]:
    """The score of a run, its titles, and names for its rows."""
    titles = {i.id: i.title for i in state.scenario.injects}
    options = {o.id: o.text for d in state.scenario.decisions for o in d.options}

    def who(row: Row) -> str:
        return state.participants[row.who].name if row.who in state.participants else "the team"

    return {
        "score": score(state),
        "parts": PARTS,
        "part_titles": TITLES,
        "title_of": lambda name: titles.get(name, name),
        "said": lambda word: options.get(word, word),
        "who": who,
    }


def ended(site: Site, run: str) -> RunState:
    """The state of a run that is over; `Error` before that."""
    state = Room(site.database, run).state()
    if state.ended_at is None:
        raise Error("The exercise has not ended.", "The report is written afterwards.")
    return state


def _data(site: Site, state: RunState) -> dict[str, Any]:
    kept = improve.items(site.database, state.run)
    with _standing(site) as standing:
        return report(state, score(state), kept, standing=standing)


@contextlib.contextmanager
def _standing(site: Site) -> Iterator[Standing | None]:
    """How the newest scan sees the gaps that the story was made of; None where there is no scan."""
    manifest = newest(site)
    if manifest is None:
        yield None
        return
    with opened(site, manifest) as results:
        yield lately(results)


def written(site: Site, state: RunState, form: str) -> tuple[bytes, str]:
    """The report and its media type; `Error` where PDF needs what is not installed."""
    data = _data(site, state)
    if form == "pdf":
        body = pdf.write(data)
    elif form == "md":
        body = text.markdown(data).encode()
    elif form == "json":
        body = as_json(data)
    else:
        body = after_page.render(data).encode()
    return body, FORMS[form]


def policy_of(page: str) -> str:
    """The policy that the report's page carries; frames are forbidden beside it."""
    found = _POLICY.search(page)
    policy = html.unescape(found[1]) if found else "default-src 'none'"
    return f"{policy}; frame-ancestors 'none'"


def propose(site: Site, request: Request, person: Person, state: RunState) -> int:
    """Writes the items of a run that are not there yet; gives how many."""
    with _standing(site) as standing:
        added = improve.propose(site.database, state, score(state), person.name, standing=standing)
    record(site, request, person, "exercise.improve", state.run, added=str(len(added)))
    keep(site.project, database=site.database)
    return len(added)


def claim(site: Site, request: Request, person: Person, item: str, note: str) -> None:
    """Says that an item is done."""
    said = plain_text(note, "The note", lines=True)
    improve.claim(site.database, item, person.name, said)
    record(site, request, person, "improvement.claim", item)
