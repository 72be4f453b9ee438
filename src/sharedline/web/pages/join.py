"""The door of a room: a link and a code, a name and a team; no account is needed."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from sharedline.errors import Error
from sharedline.exercise.session import joining, store
from sharedline.exercise.session.store import Run
from sharedline.people import limits
from sharedline.state.tables import EXERCISE_RUN
from sharedline.web.access import address_of, anybody, caller_of, prove
from sharedline.web.render import page
from sharedline.web.seats import FREE, Form, by_account, give, seat_in
from sharedline.web.site import Site, site_of

router = APIRouter(dependencies=[Depends(anybody)])
#: Tries of one address within so many seconds: a class of thirty behind one address comes in, and
#: who guesses codes of 44 bits needs a hundred thousand years.
MOST, WITHIN = 150, 300
#: A form of the door carries what its cookie says; there is no session to take it from yet.
DOOR, LASTS = "sharedline-door", 3600


def find(site: Site, code: str) -> Run | None:
    """The run of a code, typed with or without its dashes, in capitals or not."""
    plain = "".join(c for c in code.upper() if c.isascii() and c.isalnum())[:20]
    bare = sa.func.replace(EXERCISE_RUN.c.code, "-", "")
    with site.database.read() as connection:
        query = sa.select(EXERCISE_RUN.c.id).where(bare == plain)
        run_id = connection.execute(query).scalar() if plain else None
    return store.run_of(site.database, run_id) if run_id else None


def _limit(request: Request) -> None:
    with site_of(request).database.begin() as connection:
        limits.check(connection, f"join {address_of(request)}", MOST, WITHIN)


def _door(request: Request, template: str, status: int = 200, **more: object) -> Response:
    """A page of the door, with a token that its cookie repeats."""
    site = site_of(request)
    token = request.cookies.get(DOOR, "") or secrets.token_urlsafe(24)
    answer = page(
        request, template, status=status, title="Join an exercise", exercise=True, door=token,
        **more,
    )  # fmt: skip
    answer.set_cookie(
        DOOR, token, max_age=LASTS, path="/join", secure=site.secure, httponly=True, samesite="lax"
    )
    return answer


@router.get("/join")
def ask(request: Request) -> Response:
    """Asks for the code."""
    return _door(request, "room/code.html", wrong="", typed="")


@router.post("/join")
async def asked(request: Request, form: Form) -> Response:
    """From the code to the door of its exercise."""
    from starlette.concurrency import run_in_threadpool

    await prove(request, request.cookies.get(DOOR, ""))

    def answer() -> Response:
        _limit(request)
        run = find(site_of(request), form.get("code", ""))
        if run is None:
            typed = form.get("code", "")[:20]
            wrong = "There is no exercise with this code."
            return _door(request, "room/code.html", 400, wrong=wrong, typed=typed)
        return RedirectResponse(f"/join/{run.code}", 303)

    return await run_in_threadpool(answer)


@router.get("/join/{code}")
def door(request: Request, code: str, seat: str = "") -> Response:
    """Asks for a name and a team, or whether to take the seat that the link was made for."""
    _limit(request)
    return _form(request, code, seat)


def _form(request: Request, code: str, secret: str, status: int = 200, **more: str) -> Response:
    site = site_of(request)
    run = find(site, code)
    if run is None:
        wrong = "There is no exercise with this code."
        return _door(request, "room/code.html", 404, wrong=wrong, typed=code[:20])
    if secret:
        found = joining.sitting(site.database, secret)
        if found is None or found[0] != run.id:
            wrong = "This link was used already, or replaced. Ask the facilitator for another."
            return _door(request, "room/code.html", 404, wrong=wrong, typed=run.code)
        return _door(request, "room/take.html", run=run, made=found[1], secret=secret)
    person = caller_of(request).person
    given = {
        "name": person.full_name or person.name if person else "",
        "team": "",
        "seat": "player",
    }
    teams = store.script(site.database, run.id)[1].teams
    return _door(
        request, "room/join.html", status, run=run, teams=teams, seats=FREE,
        given={**given, **more}, wrong=more.get("wrong", ""),
    )  # fmt: skip


@router.post("/join/{code}")
async def enter(request: Request, code: str, form: Form) -> Response:
    """Takes a seat: the cookie of it, and into the room."""
    from starlette.concurrency import run_in_threadpool

    await prove(request, request.cookies.get(DOOR, ""))
    return await run_in_threadpool(_enter, request, code, form)


def _enter(request: Request, code: str, form: dict[str, str]) -> Response:
    _limit(request)
    site = site_of(request)
    run = find(site, code)
    if run is None:
        return _form(request, code, "")
    if form.get("secret"):
        return _take(request, run, form["secret"])
    wanted = seat_in(form, FREE)
    typed = {name: form.get(name, "")[:200] for name in ("name", "team")}
    try:
        _, secret = joining.join(
            site.database, run.id, run.code, typed["name"], wanted, typed["team"],
            person_id=_account(request, run),
        )  # fmt: skip
    except Error as error:
        return _form(request, code, "", 400, **typed, seat=wanted, wrong=str(error))
    return give(RedirectResponse(f"/room/{run.id}", 303), site, run.id, secret)


def _account(request: Request, run: Run) -> int | None:
    """The account of who joins, so that no page tells them the truths until the end.

    None for who leads or rates this run already: they know them, and keep that seat.
    """
    person = caller_of(request).person
    if person is None:
        return None
    sits = by_account(site_of(request), run.id, person)
    return person.id if sits is None or sits.seat in FREE else None


def _take(request: Request, run: Run, secret: str) -> Response:
    """The seat of a link; the link opens nothing from then on."""
    site = site_of(request)
    found = joining.sitting(site.database, secret)
    if found is None or found[0] != run.id:
        return _form(request, run.code, secret)
    fresh = joining.again(site.database, run.id, found[1].id)
    return give(RedirectResponse(f"/room/{run.id}", 303), site, run.id, fresh)
