"""People for programs: added, changed, their sessions and tokens ended; as on the page, recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import Field, SecretStr
from starlette.exceptions import HTTPException

from sharedline.people import accounts, passwords
from sharedline.people.model import Person
from sharedline.web import site as sites
from sharedline.web.access import ManagePeople, Refused, address_of, caller_of
from sharedline.web.api.models import TOKEN, Asked, Model, Short, problems
from sharedline.web.site import site_of
from sharedline.web.views import people as views
from sharedline.web.views.acting import Actor
from sharedline.web.views.listing import cut

router = APIRouter(prefix="/people", tags=["people"], dependencies=[Depends(TOKEN)])
#: The roles of `accounts.ROLES`: participants have no account.
Role = Literal["admin", "editor", "owner", "auditor"]
_Email = Annotated[str, Field(max_length=320, pattern=r"^[^\x00]*$")]
_Teams = Annotated[list[Short], Field(max_length=200)]
#: Ids are whole numbers of four bytes in the database.
_Id = Annotated[int, Path(ge=1, le=2_147_483_647)]


class Listed(Model):
    """Somebody with an account; who was deactivated stays, so that records keep their name."""

    name: str
    full_name: str
    email: str
    role: Role
    teams: list[str]
    active: bool


class People(Model):
    """One page of everybody, by name."""

    total: int
    page: int
    pages: int
    people: list[Listed]


class Somebody(Listed):
    """One person, and how they sign in; no answer ever has a password."""

    has_password: bool
    issuer: str = Field(description="The OpenID provider; empty for none.")
    subject: str = Field(description="The provider's id of them; empty for none.")
    sessions: int = Field(description="Open sessions.")


class NewPerson(Asked):
    """Somebody to be added: with a password, or with who they are to the provider."""

    name: Short = Field(description="To sign in with; kept in lower case.")
    full_name: Short = ""
    email: _Email = ""
    role: Role
    teams: _Teams = Field(default_factory=list)
    password: Annotated[SecretStr, Field(max_length=passwords.LONGEST)] | None = None
    issuer: Annotated[str, Field(max_length=500)] = ""
    subject: Annotated[str, Field(max_length=255)] = ""


class Change(Asked):
    """What becomes different; what is left out, or null, stays."""

    full_name: Short | None = None
    email: _Email | None = None
    role: Role | None = None
    teams: _Teams | None = Field(None, description="These and no others.")
    active: bool | None = Field(None, description="False ends their access: sessions and tokens.")


class Token(Model):
    """A token without what makes it one."""

    id: int
    name: str = Field(description="What it is for.")
    prefix: str = Field(description="Its first characters, to know it by.")
    created: datetime
    expires: datetime
    used: datetime | None
    revoked: datetime | None
    live: bool = Field(description="Whether it still opens anything.")


class Tokens(Model):
    """Somebody's tokens, the newest first; those that are over too."""

    tokens: list[Token]


class Ended(Model):
    """How many sessions have ended."""

    sessions: int


def listed(person: Person) -> dict[str, Any]:
    """A person's own fields, as answers have them."""
    keys = ("name", "full_name", "email", "role", "teams", "active")
    return {key: getattr(person, key) for key in keys}


def _not_by_token(request: Request, role: str | None) -> None:
    """Refuses to make an administrator by token: one that leaked would outlive its being revoked."""
    if role == "admin" and caller_of(request).by_token:
        raise Refused(403, "Administrators are made on the pages, by somebody who has signed in.")


def _actor(request: Request, person: Person) -> Actor:
    return Actor(person, address_of(request))


def _somebody(request: Request, name: str) -> dict[str, Any]:
    seen = views.see(site_of(request), name)
    keys = ("has_password", "issuer", "subject", "sessions")
    return {**listed(seen.person), **{key: getattr(seen, key) for key in keys}}


@router.get("", response_model=People, responses=problems(), summary="Everybody with an account")
def everybody(
    request: Request, _person: ManagePeople, page: Annotated[int, Query(ge=1, le=1_000_000)] = 1
) -> object:
    """By name, page by page; the last page where there are fewer."""
    with site_of(request).database.read() as connection:
        found = accounts.people(connection)
    rows, number, pages = cut(found, {"page": page})
    people = [listed(one) for one in rows]
    return {"total": len(found), "page": number, "pages": pages, "people": people}


@router.post(
    "", status_code=201, response_model=Somebody, responses=problems(409, 413),
    summary="Add somebody",
)  # fmt: skip
def add(request: Request, person: ManagePeople, new: NewPerson) -> object:
    """409 where the name, or the provider's id, is somebody's already. No administrator by token."""
    _not_by_token(request, new.role)
    password = new.password.get_secret_value() if new.password else ""
    made = views.add(
        site_of(request), _actor(request, person), new.name, new.full_name, new.email, new.role,
        new.teams, password, issuer=new.issuer, subject=new.subject,
    )  # fmt: skip
    return _somebody(request, made.name)


@router.get("/{name}", response_model=Somebody, responses=problems(404), summary="One person")
def somebody(request: Request, _person: ManagePeople, name: str) -> object:
    """By the name that they sign in with."""
    return _somebody(request, name)


@router.patch(
    "/{name}", response_model=Somebody, responses=problems(404, 409, 413), summary="Change somebody"
)
def change(request: Request, person: ManagePeople, name: str, to: Change) -> object:
    """Role, teams, name, address, access. 409 for the last active admin; none is made by token.

    Passwords are set on the pages, by a person who has signed in.
    """
    _not_by_token(request, to.role)
    after = views.change(
        site_of(request), _actor(request, person), name, full_name=to.full_name, email=to.email,
        role=to.role, members_of=to.teams, active=to.active,
    )  # fmt: skip
    return _somebody(request, after.name)


@router.delete(
    "/{name}/sessions", response_model=Ended, responses=problems(404),
    summary="End somebody's sessions",
)  # fmt: skip
def end_sessions(request: Request, person: ManagePeople, name: str) -> object:
    """All of them: they sign in again. Their tokens stay."""
    return {"sessions": views.end_sessions(site_of(request), _actor(request, person), name)}


@router.get(
    "/{name}/tokens", response_model=Tokens, responses=problems(404), summary="Somebody's tokens"
)
def tokens(request: Request, _person: ManagePeople, name: str) -> object:
    """A token itself is never seen again once it was made."""
    now = sites.now()
    keys = ("id", "name", "prefix", "created", "expires", "used", "revoked")
    return {
        "tokens": [
            {**{key: getattr(one, key) for key in keys}, "live": one.live(now)}
            for one in views.see(site_of(request), name).tokens
        ]
    }


@router.delete(
    "/{name}/tokens/{token_id}", status_code=204, responses=problems(404), summary="Revoke a token"
)
def revoke(request: Request, person: ManagePeople, name: str, token_id: _Id) -> None:
    """404 where they have none such that is not revoked yet."""
    if not views.revoke(site_of(request), _actor(request, person), name, token_id):
        raise HTTPException(404)
