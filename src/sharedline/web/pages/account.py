"""One's own account: password, tokens, sessions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from starlette.responses import RedirectResponse, Response

from sharedline.errors import Error
from sharedline.people import accounts, limits, sessions, tokens
from sharedline.people.model import Action, Person
from sharedline.web import site as sites
from sharedline.web.access import Refused, cookie
from sharedline.web.render import page
from sharedline.web.signing import in_person, write
from sharedline.web.site import site_of

router = APIRouter()
_OWN = Depends(in_person(Action.OWN_ACCOUNT))
#: Ids are whole numbers of four bytes in the database.
Id = Annotated[int, Path(ge=1, le=2_147_483_647)]
#: Wrong passwords within a window of seconds.
_WRONG = (10, 900)


@router.get("/account")
def account(request: Request, person: Person = _OWN) -> Response:
    """What is one's own."""
    return _page(request, person)


@router.post("/account/password")
def new_password(
    request: Request,
    now: str = Form(""),
    new: str = Form(""),
    again: str = Form(""),
    person: Person = _OWN,
) -> Response:
    """Sets one's password; the other sessions end."""
    site = site_of(request)
    with site.database.begin() as connection:
        if not accounts.has_password(connection, person.id):
            raise Refused(403, "You sign in with the provider; the password is kept there.")
        limits.check(connection, f"password:{person.id}", *_WRONG, now=sites.now())
    with site.database.read() as connection:
        if accounts.check_password(connection, person.name, now) is None:
            return _page(request, person, told="That is not your password now.", status=400)
    if new != again:
        return _page(request, person, told="The two new ones are not the same.", status=400)
    try:
        with site.database.begin() as connection:
            keep = request.cookies.get(cookie(site), "")
            accounts.set_password(connection, person.id, new, keep=keep)
            limits.forget(connection, f"password:{person.id}")
            write(connection, request, person, "person.new-password", person.name)
    except Error as error:
        return _page(request, person, told=str(error), status=400)
    return _page(request, person, done="Your password is set; your other sessions have ended.")


@router.post("/account/tokens")
def new_token(
    request: Request, purpose: str = Form(""), days: int = Form(90), person: Person = _OWN
) -> Response:
    """Makes a token and shows it, this once."""
    try:
        with site_of(request).database.begin() as connection:
            number, made = tokens.make(connection, person, purpose, days, sites.now())
            detail = {"id": number, "purpose": purpose, "days": days}
            write(connection, request, person, "token.make", person.name, detail)
    except Error as error:
        return _page(request, person, told=str(error), status=400)
    return _page(request, person, made=made)


@router.post("/account/tokens/{token_id}/revoke")
def revoke(request: Request, token_id: Id, person: Person = _OWN) -> Response:
    """Ends one of one's tokens."""
    with site_of(request).database.begin() as connection:
        if tokens.revoke(connection, person.id, token_id, sites.now()):
            write(connection, request, person, "token.revoke", person.name, {"id": token_id})
    return RedirectResponse("/account#tokens", 303)


@router.post("/account/sessions/close")
def close_others(request: Request, person: Person = _OWN) -> Response:
    """Ends one's sessions in other browsers."""
    site = site_of(request)
    with site.database.begin() as connection:
        keep = request.cookies.get(cookie(site), "")
        count = sessions.close_all(connection, person.id, keep=keep)
        write(connection, request, person, "session.close-others", person.name, {"count": count})
    return RedirectResponse("/account#sessions", 303)


@router.post("/account/sessions/{session_id}/close")
def close_one(
    request: Request,
    session_id: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
    person: Person = _OWN,
) -> Response:
    """Ends one of one's sessions."""
    with site_of(request).database.begin() as connection:
        if sessions.close_one(connection, person.id, session_id):
            write(connection, request, person, "session.close", person.name)
    return RedirectResponse("/account#sessions", 303)


def _page(
    request: Request,
    person: Person,
    *,
    told: str = "",
    done: str = "",
    made: str = "",
    status: int = 200,
) -> Response:
    site, now = site_of(request), sites.now()
    here = sessions.digest(request.cookies.get(cookie(site), ""))
    with site.database.read() as connection:
        return page(
            request, "account/account.html", status=status, title="Account", told=told, done=done,
            made=made, now=now, here=here, longest=tokens.LONGEST,
            tokens=tokens.of(connection, person.id),
            sessions=sessions.of(connection, person.id, now),
            has_password=accounts.has_password(connection, person.id),
        )  # fmt: skip
