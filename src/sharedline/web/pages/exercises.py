"""Exercises: the scenarios there are, a new one, the runs that were held, the programme."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sharedline.errors import Error
from sharedline.exercise.compose import GAPS, LEAST, MOST
from sharedline.exercise.programme import programme
from sharedline.exercise.session.joining import plays
from sharedline.exercise.session.store import runs
from sharedline.people.model import Action
from sharedline.web.access import Facilitate, See, SeeAll, address_of, query_of
from sharedline.web.app import Nav
from sharedline.web.render import page
from sharedline.web.seats import Form
from sharedline.web.site import now, site_of
from sharedline.web.views import stories
from sharedline.web.views.drawn import trend
from sharedline.web.views.listing import cut
from sharedline.web.views.looking import newest

router = APIRouter()
NAV = Nav("Exercises", "/exercises", Action.SEE, 80)
STATUSES = ("running", "paused", "waiting", "ended")


@router.get("/exercises", response_class=HTMLResponse)
def listed(request: Request, person: See) -> HTMLResponse:
    """The scenarios, and for who sees everything the runs."""
    site = site_of(request)
    every = stories.listed(site, person)
    held = runs(site.database) if person.may(Action.SEE_ALL) else []
    args = query_of(request)
    chosen = [r for r in held if args.get("status", "") in ("", r.run.status)]
    rows, number, pages = cut(chosen, args, 50)
    return page(
        request,
        "exercises/list.html",
        title="Exercises",
        own=[s for s in every if s.own],
        theirs=[s for s in every if not s.own],
        may_lead=person.may(Action.FACILITATE),
        may_see=person.may(Action.SEE_ALL),
        statuses=[(s, n) for s in STATUSES if (n := sum(r.run.status == s for r in held))],
        runs=rows,
        number=number,
        pages=pages,
        exercise=True,
    )


@router.get("/exercises/programme", response_class=HTMLResponse)
def whole(request: Request, person: SeeAll) -> HTMLResponse:  # noqa: ARG001
    """What was exercised in twelve months, what is due, how the scores go."""
    site = site_of(request)
    found = programme(site.project, site.database, now())
    args = query_of(request)
    chosen = [
        e
        for e in found.exercised
        if args.get("kind", "") in ("", e.kind)
        and args.get("due", "") in ("", "yes" if e.due else "no")
    ]
    rows, number, pages = cut(chosen, args)
    kinds = ("duty", "team", "runbook")
    return page(
        request,
        "exercises/programme.html",
        title="Exercise programme",
        found=found,
        drawn=trend(found.past),
        kinds=[(k, sum(e.kind == k for e in found.exercised)) for k in kinds],
        due={k: sum(e.kind == k and e.due for e in found.exercised) for k in kinds},
        all={k: sum(e.kind == k for e in found.exercised) for k in kinds},
        rows=rows,
        number=number,
        pages=pages,
        exercise=True,
    )


@router.get("/exercises/new", response_class=HTMLResponse)
def form(request: Request, person: Facilitate) -> HTMLResponse:  # noqa: ARG001
    """Asks what the exercise is made from."""
    return _form(request, {k: str(v) for k, v in query_of(request).items()}, None)


def _form(request: Request, given: dict[str, str], wrong: Error | None) -> HTMLResponse:
    site = site_of(request)
    usual = {"source": GAPS, "team": "", "seed": "1", "minutes": "60", "mask": "", "name": ""}
    return page(
        request,
        "exercises/new.html",
        status=400 if wrong else 200,
        title="New exercise",
        given={**usual, **{k: v[:200] for k, v in given.items() if k in usual}},
        wrong=wrong,
        gaps=GAPS,
        scenarios=stories.shipped(site),
        teams=stories.teams(site),
        least=LEAST,
        most=MOST,
        scanned=newest(site),
        exercise=True,
    )


@router.post("/exercises/new")
def make(request: Request, person: Facilitate, given: Form) -> Response:
    """Composes it and writes it into the project; then to its page."""
    site = site_of(request)
    try:
        made = stories.compose(site, person, stories.wish(given), address_of(request))
    except Error as error:
        return _form(request, given, error)
    return RedirectResponse(f"/exercises/{made.id}", 303)


@router.get("/exercises/{name}", response_class=HTMLResponse)
def one(request: Request, person: See, name: str) -> Response:
    """A scenario: whole with its truths for who may lead it, else what it is about."""
    site = site_of(request)
    held = runs(site.database) if person.may(Action.SEE_ALL) else []
    found = stories.one(site, person, name)
    if found is None and any(r.run.id == name for r in held):
        return RedirectResponse(f"/exercises/runs/{name}", 303)
    if found is None:
        raise HTTPException(404)
    # Who may lead, but plays: no truths until that run has ended.
    leads = person.may(Action.FACILITATE) and not plays(site.database, person.id, scenario=name)
    scenario = found.scenario if leads else None
    return page(
        request,
        "exercises/one.html",
        title=found.title,
        found=replace(found, scenario=scenario),
        story=list(stories.by_inject(scenario)) if scenario else [],
        runs=[r for r in held if r.run.scenario_id == name],
        exercise=True,
    )
