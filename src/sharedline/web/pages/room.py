"""The room of an exercise: what a seat sees, what it does, and word that something changed."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)

from sharedline.errors import Error, Unavailable
from sharedline.exercise.session import joining, store
from sharedline.exercise.session.model import RunState, Seat
from sharedline.exercise.session.room import Room
from sharedline.exercise.session.view import view
from sharedline.people import audit
from sharedline.web.access import address_of, caller_of
from sharedline.web.render import page
from sharedline.web.seats import (
    Form,
    Seated,
    Sits,
    for_script,
    must_lead,
    seat_in,
    seat_path,
    take_away,
)
from sharedline.web.site import base_of, site_of
from sharedline.web.views import room as shown
from sharedline.web.views import room_acts, room_after
from sharedline.web.views.room_live import Watch, watch_of
from sharedline.web.views.room_names import names_of

router = APIRouter()
#: Seats that a facilitator gives away by a link.
GIVEN: tuple[Seat, ...] = ("scribe", "evaluator", "observer", "player")
#: Seconds between looks of a stream, and between signs of life of one that has nothing to say.
LOOK, ALIVE = 0.5, 15.0
_PLACE = re.compile(r"[A-Za-z0-9._-]{1,200}")


def _page(request: Request, seat: Seated, template: str, **more: Any) -> HTMLResponse:
    """The room, or the part of it that changes."""
    site = site_of(request)
    room = Room(site.database, seat.run)
    state = room.state()
    # Who sits here is what the room says: a page is of one moment.
    me = state.participants.get(seat.me.id, seat.me)
    return page(
        request,
        template,
        title=f"{state.scenario.title}, {me.seat}",
        exercise=True,
        csrf=seat.csrf,
        run=seat.run,
        me=me,
        seen=shown.shown(state, me, names_of(site, state)),
        lead=_lead(request, state) if me.seat == "facilitator" else {},
        after=room_after.happened(state, me) if state.ended_at else None,
        version=shown.version(state, me),
        words=shown,
        given=GIVEN,
        may_leave=seat.person is None,
        **more,
    )


def _lead(request: Request, state: RunState) -> dict[str, Any]:
    """What only the facilitator is shown: how others come in, and truths by message."""
    site = site_of(request)
    code = store.run_of(site.database, state.run).code
    base = base_of(request)
    return {"code": code, "link": f"{base}/join/{code}", "injects": state.scenario.injects}


@router.get("/room/{run}")
def room(request: Request, seat: Sits) -> HTMLResponse:
    """The room as this seat sees it."""
    return _page(request, seat, "room/room.html")


@router.get("/room/{run}/live")
def live(request: Request, seat: Sits) -> HTMLResponse:
    """What changes of it, to be put in place by our script."""
    return _page(request, seat, "room/fresh.html")


@router.get("/room/{run}/state")
def state_of(request: Request, seat: Sits) -> JSONResponse:
    """What this seat may see, as data."""
    return JSONResponse(view(Room(site_of(request).database, seat.run).state(), seat.me))


@router.get("/room/{run}/version")
def version(request: Request, seat: Sits, after: str = "") -> Response:
    """Whether anything changed that this seat may see: 204 where nothing did."""
    watch = watch_of(site_of(request))
    now = shown.version(watch.state(seat.run), seat.me)
    return Response(status_code=204) if now == after else JSONResponse({"version": now})


@router.get("/room/{run}/events")
async def events(request: Request, seat: Sits, after: str = "") -> Response:
    """The same as a stream; 204, which ends it, where this seat has enough of them open."""
    watch = watch_of(site_of(request))
    if not watch.open(seat.run, seat.me.id):
        return Response(status_code=204)
    return StreamingResponse(
        _changes(watch, seat, after),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},
    )


async def _changes(watch: Watch, seat: Seated, after: str) -> AsyncIterator[str]:
    try:
        yield "retry: 2000\n\n"
        said = time.monotonic()
        while True:
            state = watch.fresh(seat.run)
            if state is None:
                state = await run_in_threadpool(watch.state, seat.run)
            now = shown.version(state, seat.me)
            if now != after:
                after = now
                yield f"data: {now}\n\n"
                said = time.monotonic()
            elif time.monotonic() - said > ALIVE:
                yield ": here\n\n"
                said = time.monotonic()
            await asyncio.sleep(LOOK)
    except (Error, Unavailable):
        return  # the browser asks again, and is told by the answer to that
    finally:
        watch.shut(seat.run, seat.me.id)


@router.post("/room/{run}/do/{kind}")
def do(request: Request, seat: Sits, kind: str, form: Form) -> Response:
    """Does something, once however often it is sent; then back to where it shows.

    Scripts get `{"seq": n}`, or the error as JSON with its status.
    """
    if not room_acts.knows(kind):
        raise HTTPException(404)
    acting = Room(site_of(request).database, seat.run)
    try:
        # A look of a moment ago does: it is asked for names only, and the room checks what counts.
        data = room_acts.act(kind, form, watch_of(site_of(request)).state(seat.run))
        seq = acting.do(seat.me.id, kind, data, room_acts.key_of(seat.me.id, kind, data, form))
    except Error as error:
        return _refused(request, seat, error)
    if for_script(request):
        return JSONResponse({"seq": seq})
    return RedirectResponse(_back(seat, form), 303)


def _back(seat: Seated, form: dict[str, str]) -> str:
    place = form.get("place", "")
    return f"/room/{seat.run}" + (f"#{place}" if _PLACE.fullmatch(place) else "")


def _refused(request: Request, seat: Seated, error: Error) -> Response:
    if for_script(request):
        return JSONResponse({"error": error.message, "advice": error.advice}, 400)
    return page(
        request, "room/refused.html", status=400, title="That could not be done", exercise=True,
        csrf=seat.csrf, run=seat.run, message=error.message, advice=error.advice,
    )  # fmt: skip


@router.post("/room/{run}/seats")
def give_seat(request: Request, seat: Sits, form: Form) -> Response:
    """Makes a seat for somebody, and the link by which they take it."""
    must_lead(seat)
    site = site_of(request)
    run = store.run_of(site.database, seat.run)
    wanted = seat_in(form, GIVEN)
    try:
        made, secret = joining.join(
            site.database, run.id, run.code, form.get("name", ""), wanted, form.get("team", "")
        )
    except Error as error:
        return _refused(request, seat, error)
    return _link(request, seat, made.id, secret)


@router.post("/room/{run}/seats/{who}")
def seat_again(request: Request, seat: Sits, who: str) -> Response:
    """A new link for somebody who lost their browser; what they had before opens nothing."""
    must_lead(seat)
    site = site_of(request)
    people = Room(site.database, seat.run).state().participants
    if who not in people or people[who].seat == "facilitator":
        raise HTTPException(404)
    return _link(request, seat, who, joining.again(site.database, seat.run, who))


def _link(request: Request, seat: Seated, who: str, secret: str) -> HTMLResponse:
    site = site_of(request)
    run = store.run_of(site.database, seat.run)
    person = caller_of(request).person
    with site.database.begin() as connection:
        audit.write(
            connection, person.name if person else seat.me.name, person.role if person else "",
            "exercise.seat", run.id, {"participant": who}, address_of(request),
        )  # fmt: skip
    base = base_of(request)
    made = Room(site.database, seat.run).state().participants[who]
    return page(
        request, "room/link.html", title="A seat", exercise=True, csrf=seat.csrf, run=seat.run,
        made=made, link=f"{base}{seat_path(run.code, secret)}",
    )  # fmt: skip


@router.post("/room/{run}/leave")
def leave(request: Request, seat: Sits) -> Response:
    """Ends the seat of this browser; what was said stays."""
    if seat.person is None:  # the cookie, kept by whoever, opens nothing from now on
        joining.again(site_of(request).database, seat.run, seat.me.id)
    return take_away(RedirectResponse("/join", 303), site_of(request), seat.run)
