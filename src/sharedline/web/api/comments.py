"""Comments on findings."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from sharedline.web.access import Comment, See, address_of
from sharedline.web.api import models
from sharedline.web.api.models import TOKEN, Name, NewComment, Short, problems
from sharedline.web.views import acting
from sharedline.web.views.looking import look, target_of

router = APIRouter(tags=["comments"], dependencies=[Depends(TOKEN)])


@router.get(
    "/comments", response_model=models.Comments, responses=problems(404),
    summary="The comments on a finding",
)  # fmt: skip
def comments(
    request: Request,
    person: See,
    check: Annotated[Short, Query()],
    resource: Annotated[Name, Query()],
    account: Annotated[str, Query(max_length=12, pattern=r"^\d{0,12}$")] = "",
) -> object:
    """Oldest first."""
    with look(request, person) as seen:
        target = target_of(seen, check, resource, account)
        found = acting.comments(seen.site, target.check, target.resource, target.account)
        return {"comments": [{"id": n, "by": by, "text": t, "at": at} for n, by, t, at in found]}


@router.post(
    "/comments", status_code=201, response_model=models.Comment,
    responses=problems(404, 409, 413), summary="Comment on a finding",
)  # fmt: skip
def comment(request: Request, person: Comment, made: NewComment) -> object:
    """Everybody who sees the finding sees it."""
    with look(request, person) as seen:
        target = target_of(seen, made.check, made.resource, made.account)
        actor = acting.Actor(person, address_of(request))
        number, at = acting.comment(seen.site, actor, target, made.text)
        return {"id": number, "by": actor.name, "text": made.text.strip(), "at": at}
