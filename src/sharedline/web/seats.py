"""Who sits in a room: by the seat's own cookie, or by the account of who signed in.

A seat's cookie reaches its room only (`Path=/room/<run>`), so a participant sees this one exercise
and nothing else. The token of its forms follows from the cookie's secret by HMAC, so nothing more
is kept. People with an account need no cookie: their seat is found by who they are.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from sharedline.errors import Error
from sharedline.exercise.session import joining, store
from sharedline.exercise.session.model import Participant, Seat
from sharedline.people.model import Action, Person
from sharedline.web.access import Refused, caller_of, prove
from sharedline.web.site import Site, site_of

#: Seats that anybody takes by the code; the others come from the role, or by a link.
FREE: tuple[Seat, ...] = ("player", "observer")
#: A cookie outlives the longest exercise, and the weeks in which its report is talked about.
KEPT = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Seated:
    """Somebody in a room; `person` is the account, where they have one."""

    run: str
    me: Participant
    csrf: str
    person: Person | None = None


def cookie(site: Site) -> str:
    """The name of a seat's cookie."""
    return "__Secure-sharedline-seat" if site.secure else "sharedline-seat"


def csrf_of(secret: str, run: str) -> str:
    """What the forms of a seat carry."""
    return hmac.digest(
        secret.encode("utf-8", "replace"), f"forms of {run}".encode(), "sha256"
    ).hex()


def give(answer: Response, site: Site, run: str, secret: str) -> Response:
    """Puts a seat's cookie on an answer."""
    answer.set_cookie(
        cookie(site), secret, max_age=KEPT, path=f"/room/{run}", secure=site.secure, httponly=True,
        samesite="lax",
    )  # fmt: skip
    return answer


def take_away(answer: Response, site: Site, run: str) -> Response:
    """Takes it back."""
    answer.delete_cookie(
        cookie(site), path=f"/room/{run}", secure=site.secure, httponly=True, samesite="lax"
    )
    return answer


def for_script(request: Request) -> bool:
    """Whether our own script asks, which wants no page."""
    return "application/json" in request.headers.get("accept", "")


def find(request: Request, run: str) -> Seated | None:
    """The seat of whoever asks in this run; None where they have none."""
    site = site_of(request)
    secret = request.cookies.get(cookie(site), "")
    found = joining.sitting(site.database, secret) if secret else None
    if found and found[0] == run:
        return Seated(run, found[1], csrf_of(secret, run))
    caller = caller_of(request)
    if caller.person is None or not caller.person.may(Action.TAKE_PART):
        return None
    me = by_account(site, run, caller.person)
    return Seated(run, me, caller.csrf, caller.person) if me else None


def by_account(site: Site, run: str, person: Person) -> Participant | None:
    """The seat of somebody's account; one that their role gave them goes with the role."""
    me = joining.seat_of(site.database, run, person.id)
    given = me is not None and me.seat not in FREE
    return None if given and not person.may(Action.FACILITATE) else me


def must_not_play(site: Site, person: Person, run: str) -> None:
    """`Refused` (403) for a player of a run that has not ended: they would see the truths."""
    if joining.plays(site.database, person.id, run=run):
        raise Refused(403, "You play in this exercise: this is shown to you when it has ended.")


def _elsewhere(request: Request, run: str) -> str:
    """Where somebody without a seat is sent: to the door that is theirs."""
    person = caller_of(request).person
    if person is not None and person.may(Action.FACILITATE):
        try:
            return f"/exercises/runs/{store.run_of(site_of(request).database, run).id}/enter"
        except Error:
            pass
    return "/join"


async def seated(request: Request, run: str) -> Seated:
    """A dependency that gives the seat, and proves that our own page sends what changes something.

    Raises:
        HTTPException: 401 to scripts, 303 to the door otherwise, where nobody sits.
        Refused: 403 where no page of ours sent it.
    """
    found = await run_in_threadpool(find, request, run)
    if found is None:
        if for_script(request):
            raise HTTPException(401, "You have no seat in this room.")
        where = await run_in_threadpool(_elsewhere, request, run)
        raise HTTPException(303, headers={"location": where})
    if not (found.person and caller_of(request).by_token):
        await prove(request, found.csrf)
    return found


vars(seated)["action"] = Action.TAKE_PART  # the test over all routes reads both
vars(seated)["seat"] = True

Sits = Annotated[Seated, Depends(seated)]


def must_lead(seat: Seated) -> None:
    """`Refused` (403) where it is not the facilitator who asks."""
    if seat.me.seat != "facilitator":
        raise Refused(403, "Only the facilitator may do this.")


def seat_path(run_code: str, secret: str) -> str:
    """The path by which somebody takes the seat that was made for them."""
    return f"/join/{run_code}?seat={secret}"


def seat_in(form: dict[str, str], allowed: tuple[Seat, ...]) -> Seat:
    """The seat that a form names; `Error` where it is not to be had here."""
    for one in allowed:
        if form.get("seat", allowed[0]) == one:
            return one
    raise Error("This seat is not given here.", f"Seats: {', '.join(allowed)}.")


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form; of two of one name the last."""
    given = await request.form()
    return {name: value for name, value in given.items() if isinstance(value, str)}


Form = Annotated[dict[str, str], Depends(form_of)]
