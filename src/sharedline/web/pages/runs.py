"""Runs of exercises: opened with their settings, entered, and afterwards read: scores, report."""

from __future__ import annotations

import re
from typing import Any, get_args

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sharedline.errors import ConfigError, Error
from sharedline.exercise import improve
from sharedline.exercise.find import find
from sharedline.exercise.model import Scenario
from sharedline.exercise.session import joining, store
from sharedline.exercise.session.model import SEATS, WEIGHTS, Pace, Settings
from sharedline.exercise.session.room import Room
from sharedline.people.model import Action, Person
from sharedline.web.access import Claim, Facilitate, SeeAll
from sharedline.web.render import page
from sharedline.web.seats import Form, must_not_play
from sharedline.web.site import Site, site_of
from sharedline.web.views import runs as shown
from sharedline.web.views.room import GRADES

router = APIRouter()
#: What each seat of somebody with an account is for.
ENTER = {
    "facilitator": "releases messages, sees every answer and the truths",
    "evaluator": "rates the objectives, ticks off expected actions",
    "scribe": "writes notes for all, ticks off expected actions",
    "observer": "reads along",
}


def run_of(site: Site, run: str) -> store.Run:
    """A run; 404 where there is none."""
    try:
        if re.fullmatch(r"[0-9a-f]{1,40}", run):
            return store.run_of(site.database, run)
    except Error:
        pass
    raise HTTPException(404)


def _scenario(site: Site, name: str) -> Scenario:
    try:
        return store.played(find(site.project, name))
    except ConfigError as error:
        raise HTTPException(404) from error


@router.get("/exercises/{scenario}/open")
def settings(request: Request, scenario: str, _person: Facilitate) -> HTMLResponse:
    """What is chosen before the room is opened."""
    return _settings(request, _scenario(site_of(request), scenario), {}, "")


def _settings(
    request: Request, scenario: Scenario, given: dict[str, str], wrong: str
) -> HTMLResponse:
    usual = {
        "teams": "\n".join(Settings().teams), "pace": "clock", "speed": "1",
        **{f"weight-{name}": str(value) for name, value in WEIGHTS.items()},
    }  # fmt: skip
    return page(
        request, "room/open.html", status=400 if wrong else 200, title=f"Open {scenario.title}",
        scenario=scenario, given={**usual, **given}, wrong=wrong, weights=list(WEIGHTS),
        paces=get_args(Pace), exercise=True,
    )  # fmt: skip


@router.post("/exercises/{scenario}/open")
def opened(request: Request, scenario: str, person: Facilitate, form: Form) -> Response:
    """Opens the room, and leads into it as its facilitator."""
    site = site_of(request)
    chosen = _scenario(site, scenario)
    try:
        run = shown.open_run(site, request, person, chosen, settings_in(form))
    except Error as error:
        return _settings(request, chosen, form, str(error))
    return RedirectResponse(f"/room/{run.id}", 303)


def settings_in(form: dict[str, str]) -> Settings:
    """The settings of a form; `Error` names the first fault."""
    try:
        weights = {name: int(form.get(f"weight-{name}", str(WEIGHTS[name]))) for name in WEIGHTS}
        speed = float(form.get("speed", "1"))
    except ValueError:
        raise Error("Speed and weights are numbers.", "Write 1, or 40.") from None
    teams = [line.strip() for line in form.get("teams", "").splitlines() if line.strip()]
    data = {"weights": weights, "teams": teams, "pace": form.get("pace", "hand"), "speed": speed}
    return store.settings_of(data)


@router.get("/exercises/runs/{run}/enter")
def entrance(request: Request, run: str, person: Facilitate) -> HTMLResponse:
    """Asks which seat somebody with an account takes."""
    site = site_of(request)
    found = run_of(site, run)
    must_not_play(site, person, found.id)
    now = joining.seat_of(site.database, found.id, person.id)
    return page(
        request, "room/enter.html", title=f"Enter {found.title}", run=found, seats=ENTER, now=now,
        exercise=True,
    )  # fmt: skip


@router.post("/exercises/runs/{run}/enter")
def entered(request: Request, run: str, person: Facilitate, form: Form) -> Response:
    """Takes it; the account is the key to it."""
    site = site_of(request)
    found = run_of(site, run)
    wanted = next((s for s in SEATS if s in ENTER and s == form.get("seat")), None)
    if wanted is None:
        raise Error("There is no such seat.", f"Seats: {', '.join(ENTER)}.")
    must_not_play(site, person, found.id)
    shown.sit(site, found, person, wanted)
    return RedirectResponse(f"/room/{found.id}", 303)


@router.get("/exercises/runs/{run}")
def scores(request: Request, run: str, person: SeeAll) -> HTMLResponse:
    """How it went: every number opens to the rows that made it; what is to be done about it."""
    site = site_of(request)
    found = run_of(site, run)
    must_not_play(site, person, found.id)
    state = Room(site.database, found.id).state()
    return page(
        request, "room/scores.html", title=f"{found.title}, {found.created:%Y-%m-%d}", run=found,
        state=state, exercise=True, grades=GRADES, items=improve.items(site.database, found.id),
        may_claim=lambda item: may_claim(person, item.owner),
        may_lead=person.may(Action.FACILITATE), **shown.scored(state),
    )  # fmt: skip


def may_claim(person: Person, owner: str) -> bool:
    """Whether an item is somebody's to claim: their team's, or anybody's who sees everything."""
    return person.may(Action.CLAIM) and (person.scope.everything or owner in person.teams)


@router.get("/exercises/runs/{run}/report")
def report(request: Request, run: str, _person: SeeAll, form: str = "html") -> Response:
    """The after-action report: `?form=html`, `pdf`, `md` or `json`."""
    site = site_of(request)
    state = shown.ended(site, run_of(site, run).id)
    if form not in shown.FORMS:
        raise Error(f"The report has no form {form[:20]!r}.", f"Forms: {', '.join(shown.FORMS)}.")
    body, kind = shown.written(site, state, form)
    answer = Response(body, media_type=kind)
    if form == "html":
        # The page is whole by itself, with a policy of its own that allows its one style sheet.
        answer.headers["content-security-policy"] = shown.policy_of(body.decode())
    else:
        name = f'attachment; filename="after-action-{state.run}.{form}"'
        answer.headers["content-disposition"] = name
    return answer


@router.post("/exercises/runs/{run}/improvements")
def propose(request: Request, run: str, person: Facilitate) -> Response:
    """Writes down what is to be done, from what went wrong; the same again adds nothing."""
    site = site_of(request)
    state = shown.ended(site, run_of(site, run).id)
    shown.propose(site, request, person, state)
    return RedirectResponse(f"/exercises/runs/{state.run}#improvements", 303)


@router.post("/exercises/runs/{run}/improvements/{item}/claim")
def claim(request: Request, run: str, item: str, person: Claim, form: Form) -> Response:
    """Says that one is done; a scan or an attestation verifies it."""
    site = site_of(request)
    found = run_of(site, run)
    known: dict[str, Any] = {one.id: one for one in improve.items(site.database, found.id)}
    if item not in known or not may_claim(person, known[item].owner):
        raise HTTPException(404)
    shown.claim(site, request, person, item, form.get("note", ""))
    back = f"/exercises/runs/{found.id}#improvements"
    return RedirectResponse(back if person.may(Action.SEE_ALL) else "/mine", 303)
