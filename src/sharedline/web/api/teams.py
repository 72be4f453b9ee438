"""Teams for programs: which accounts each of them sees."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.exceptions import HTTPException

from sharedline.people import teams as kept
from sharedline.web.access import ManagePeople, address_of
from sharedline.web.api.models import TOKEN, Asked, Model, problems
from sharedline.web.site import site_of
from sharedline.web.views import people as views
from sharedline.web.views.acting import Actor

router = APIRouter(prefix="/teams", tags=["people"], dependencies=[Depends(TOKEN)])
_Account = Annotated[str, Field(pattern=r"^[0-9]{12}$")]


class Team(Model):
    """A team, called as in `owners.toml`, and the accounts that its owners see whole."""

    name: str
    accounts: list[str]


class Teams(Model):
    """Every team that has somebody or an account."""

    teams: list[Team]


class Accounts(Asked):
    """The accounts of a team from now on, and no others."""

    accounts: Annotated[list[_Account], Field(max_length=10_000)]


@router.get("", response_model=Teams, responses=problems(), summary="The teams")
def teams(request: Request, _person: ManagePeople) -> object:
    """By name. Who is in a team is a matter of each person (`PATCH /people/{name}`)."""
    with site_of(request).database.read() as connection:
        found = kept.teams(connection)
    return {"teams": [{"name": name, "accounts": ids} for name, ids in found.items()]}


# A team's name may have a stroke in it.
@router.put(
    "/{team:path}", response_model=Team, responses=problems(413),
    summary="Say which accounts a team sees",
)  # fmt: skip
def put(request: Request, person: ManagePeople, team: str, to: Accounts) -> object:
    """Another team is made by giving it an account."""
    return _set(request, person, team, to.accounts)


@router.delete(
    "/{team:path}", status_code=204, responses=problems(404), summary="Take a team's accounts away"
)
def delete(request: Request, person: ManagePeople, team: str) -> None:
    """The team is gone then; one that somebody is in stays, without accounts."""
    with site_of(request).database.read() as connection:
        known = kept.teams(connection)
    if team.strip() not in known:
        raise HTTPException(404)
    _set(request, person, team, [])


def _set(request: Request, person: ManagePeople, team: str, ids: list[str]) -> dict[str, Any]:
    actor = Actor(person, address_of(request))
    accounts = views.set_accounts(site_of(request), actor, team, ids)
    return {"name": team.strip(), "accounts": accounts}
