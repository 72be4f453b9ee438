"""Everybody with an account, and the teams: for admins."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from sharedline.errors import Error
from sharedline.people import accounts, sessions, teams, tokens
from sharedline.people.model import Action, Person
from sharedline.web import site as sites
from sharedline.web.app import Nav
from sharedline.web.render import page
from sharedline.web.signing import in_person, write
from sharedline.web.site import site_of

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
        _must(password or subject.strip(), "Give a password, or their id of the provider.")
        with site_of(request).database.begin() as connection:
            made = accounts.add(
                connection, name, full_name, email, role, _split(members_of), password,
                issuer=issuer.strip(), subject=subject.strip(),
            )  # fmt: skip
            detail = {"role": made.role, "teams": made.teams}
            write(connection, request, person, "person.add", made.name, detail)
    except Error as error:
        return _list(request, given, told=str(error), status=400)
    return RedirectResponse(f"/people/{made.id}", 303)


@router.post("/people/teams")
def team(
    request: Request, team: str = Form(""), ids: str = Form(""), person: Person = _ADMIN
) -> Response:
    """Says which accounts a team sees."""
    try:
        with site_of(request).database.begin() as connection:
            before = teams.teams(connection).get(team.strip(), ())
            kept = teams.set_accounts(connection, team, re.split(r"[,\s]+", ids))
            if kept != before:
                detail = {"accounts": [before, kept]}
                write(connection, request, person, "team.accounts", team.strip(), detail)
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
        with site_of(request).database.begin() as connection:
            before = _known(accounts.get(connection, person_id))
            had = accounts.provider_of(connection, person_id)
            provider = (issuer.strip(), subject.strip())
            after = accounts.change(
                connection, person_id, full_name=full_name, email=email, role=role,
                members_of=_split(members_of), provider=provider,
            )  # fmt: skip
            detail = accounts.differences(before, after)
            if had != provider:
                detail["provider"] = [had, provider]
            if detail:
                write(connection, request, person, "person.change", after.name, detail)
    except Error as error:
        return _one(request, person_id, told=str(error), status=400)
    return RedirectResponse(f"/people/{person_id}", 303)


@router.post("/people/{person_id}/password")
def new_password(
    request: Request, person_id: Id, new: str = Form(""), person: Person = _ADMIN
) -> Response:
    """Sets somebody's password; their sessions end."""
    try:
        with site_of(request).database.begin() as connection:
            found = _known(accounts.get(connection, person_id))
            _must(new, "Write the new password.")
            accounts.set_password(connection, person_id, new)
            write(connection, request, person, "person.new-password", found.name)
    except Error as error:
        return _one(request, person_id, told=str(error), status=400)
    return _one(request, person_id, done="The password is set; their sessions have ended.")


@router.post("/people/{person_id}/active")
def active(
    request: Request, person_id: Id, to: str = Form(""), person: Person = _ADMIN
) -> Response:
    """Ends somebody's access (`to=no`), or gives it back (`to=yes`)."""
    try:
        with site_of(request).database.begin() as connection:
            found = _known(accounts.get(connection, person_id))
            _must(to in ("yes", "no"), "Use the button.")
            accounts.change(connection, person_id, active=to == "yes")
            action = "person.activate" if to == "yes" else "person.deactivate"
            write(connection, request, person, action, found.name)
    except Error as error:
        return _one(request, person_id, told=str(error), status=400)
    return RedirectResponse(f"/people/{person_id}", 303)


@router.post("/people/{person_id}/tokens/{token_id}/revoke")
def revoke(request: Request, person_id: Id, token_id: Id, person: Person = _ADMIN) -> Response:
    """Ends one of somebody's tokens."""
    with site_of(request).database.begin() as connection:
        found = _known(accounts.get(connection, person_id))
        if tokens.revoke(connection, person_id, token_id, sites.now()):
            write(connection, request, person, "token.revoke", found.name, {"id": token_id})
    return RedirectResponse(f"/people/{person_id}", 303)


def _must(given: object, advice: str) -> None:
    if not given:
        raise Error("Something is missing.", advice)


def _known(found: Person | None) -> Person:
    if found is None:
        raise HTTPException(404)
    return found


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
    now = sites.now()
    with site_of(request).database.read() as connection:
        found = _known(accounts.get(connection, person_id))
        issuer, subject = accounts.provider_of(connection, person_id)
        return page(
            request, "people/one.html", status=status, title=found.name, one=found, told=told,
            done=done, roles=accounts.ROLES, issuer=issuer, subject=subject, now=now,
            tokens=tokens.of(connection, person_id),
            sessions=len(sessions.of(connection, person_id, now)),
            has_password=accounts.has_password(connection, person_id),
        )  # fmt: skip
