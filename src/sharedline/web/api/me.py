"""Whose token it is, and what it may do."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from sharedline.people.model import Action
from sharedline.web.access import OwnAccount, caller_of
from sharedline.web.api.models import TOKEN, Model, problems
from sharedline.web.api.people import Listed, listed

router = APIRouter(tags=["me"], dependencies=[Depends(TOKEN)])


class Scope(Model):
    """Which rows are seen: those of the accounts, and those that the teams own elsewhere."""

    everything: bool
    accounts: list[str] | None = Field(description="Null: every account.")
    teams: list[str]


class Me(Listed):
    """Who asks."""

    by: Literal["token", "session"]
    scope: Scope
    may: list[Action] = Field(description="What the role may do; on which rows, the scope says.")


@router.get("/me", response_model=Me, responses=problems(), summary="Whose token this is")
def me(request: Request, person: OwnAccount) -> object:
    """Role, teams, scope and rights as they are now: a token may what its person may."""
    scope = person.scope
    return {
        **listed(person),
        "by": "token" if caller_of(request).by_token else "session",
        "scope": {
            "everything": scope.everything,
            "accounts": None if scope.accounts is None else sorted(scope.accounts),
            "teams": sorted(scope.teams),
        },
        "may": [action for action in Action if person.may(action)],
    }
