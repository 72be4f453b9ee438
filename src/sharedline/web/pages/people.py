"""Everybody with an account, and the teams: for admins."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Request
from starlette.responses import RedirectResponse, Response

from sharedline.errors import Error
from sharedline.people import accounts, teams
from sharedline.people.model import Action, Person
from sharedline.web import site as sites
from sharedline.web.access import address_of
from sharedline.web.app import Nav
from sharedline.web.render import page
from sharedline.web.signing import in_person
from sharedline.web.site import site_of
from sharedline.web.views import people as views
from sharedline.web.views.acting import Actor

router = APIRouter()
NAV = Nav("People", "/people", Action.MANAGE_PEOPLE, 90)
_ADMIN = Depends(in_person(Action.MANAGE_PEOPLE))
#: The fields of the form for somebody new.
_EMPTY = dict.fromkeys(
    ("name", "full_name", "email", "role", "members_of", "issuer", "subject"), ""
)
Id = Annotated[int, Path(ge=1, le=2_147_483_647)]


def _split(text: str) -> list[str]:
    """Names or ids, one in a line or with commas between."""
    return [part.strip() for part in re.split(r"[,\r\n]+", text) if part.strip()]


@router.get("/people")
def everybody(request: Request, person: Person = _ADMIN) -> Response:  # noqa: ARG001
    """Everybody, a form for somebody new, the teams."""
    return _list(request)


@router.post("/people")
def add(
    request: Request,
    name: str = Form(""),
    full_name: str = Form(""),
    email: str = Form(""),
    role: str = Form(""),
    members_of: str = Form(""),
    password: str = Form(""),
    issuer: str = Form(""),
    subject: str = Form(""),
    person: Person = _ADMIN,
) -> Response:
    """Adds somebody, with a password or with who they are to the provider."""
    given = {"name": name, "full_name": full_name, "email": email, "role": role,
             "members_of": members_of, "issuer": issuer, "subject": subject}  # fmt: skip
    try:
        made = views.add(
            site_of(request), _actor(request, person), name, full_name, email, role,
            _split(members_of), password, issuer=issuer, subject=subject,
        )  # fmt: skip
    except Error as error:
        return _list(request, given, told=str(error), status=400)
    return RedirectResponse(f"/people/{made.id}", 303)


@router.post("/people/teams")
def team(
    request: Request, team: str = Form(""), ids: str = Form(""), person: Person = _ADMIN
) -> Response:
    """Says which accounts a team sees."""
    try:
        wanted = re.split(r"[,\s]+", ids)
        views.set_accounts(site_of(request), _actor(request, person), team, wanted)
    except Error as error:
        return _list(request, told=str(error), status=400)
    return RedirectResponse("/people#teams", 303)


@router.get("/people/{person_id}")
def somebody(request: Request, person_id: Id, person: Person = _ADMIN) -> Response:  # noqa: ARG001
    """One person."""
    return _one(request, person_id)


@router.post("/people/{person_id}")
def change(
    request: Request,
    person_id: Id,
    full_name: str = Form(""),
    email: str = Form(""),
    role: str = Form(""),
    members_of: str = Form(""),
    issuer: str = Form(""),
    subject: str = Form(""),
    person: Person = _ADMIN,
) -> Response:
    """Changes somebody: the form's fields are all of what they are from now on."""
    try:
        views.change(
            site_of(request), _actor(request, person), person_id, full_name=full_name,
            email=email, role=role, members_of=_split(members_of),
            provider=(issuer.strip(), subject.strip()),
        )  # fmt: skip
    except Error as error:
        return _one(request, person_id, told=str(error), status=400)
    return RedirectResponse(f"/people/{person_id}", 303)


@router.post("/people/{person_id}/password")
def new_password(
    request: Request, person_id: Id, new: str = Form(""), person: Person = _ADMIN
) -> Response:
    """Sets somebody's password; their sessions end."""
    try:
        views.set_password(site_of(request), _actor(request, person), person_id, new)
    except Error as error:
        return _one(request, person_id, told=str(error), status=400)
    return _one(request, person_id, done="The password is set; their sessions have ended.")


@router.post("/people/{person_id}/active")
def active(
    request: Request, person_id: Id, to: str = Form(""), person: Person = _ADMIN
) -> Response:
    """Ends somebody's access (`to=no`), or gives it back (`to=yes`)."""
    if to not in ("yes", "no"):
        return _one(request, person_id, told="Something is missing. Use the button.", status=400)
    try:
        views.change(site_of(request), _actor(request, person), person_id, active=to == "yes")
    except Error as error:
        return _one(request, person_id, told=str(error), status=400)
    return RedirectResponse(f"/people/{person_id}", 303)


@router.post("/people/{person_id}/tokens/{token_id}/revoke")
def revoke(request: Request, person_id: Id, token_id: Id, person: Person = _ADMIN) -> Response:
    """Ends one of somebody's tokens."""
    views.revoke(site_of(request), _actor(request, person), person_id, token_id)
    return RedirectResponse(f"/people/{person_id}", 303)


def _actor(request: Request, person: Person) -> Actor:
    return Actor(person, address_of(request))


def _list(
    request: Request, given: dict[str, Any] | None = None, *, told: str = "", status: int = 200
) -> Response:
    with site_of(request).database.read() as connection:
        return page(
            request, "people/list.html", status=status, title="People", told=told,
            people=accounts.people(connection), teams=teams.teams(connection),
            roles=accounts.ROLES, given={**_EMPTY, **(given or {})},
        )  # fmt: skip


def _one(
    request: Request, person_id: int, *, told: str = "", done: str = "", status: int = 200
) -> Response:
    seen = views.see(site_of(request), person_id)
    return page(
        request, "people/one.html", status=status, title=seen.person.name, one=seen.person,
        told=told, done=done, roles=accounts.ROLES, issuer=seen.issuer, subject=seen.subject,
        now=sites.now(), tokens=seen.tokens, sessions=seen.sessions,
        has_password=seen.has_password,
    )  # fmt: skip
