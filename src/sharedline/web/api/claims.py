"""Claims: somebody says that a finding is fixed."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request

from sharedline.web.access import Claim, address_of
from sharedline.web.api import models
from sharedline.web.api.models import TOKEN, NewClaim, problems
from sharedline.web.views import acting
from sharedline.web.views.looking import look, target_of

router = APIRouter(tags=["claims"], dependencies=[Depends(TOKEN)])


@router.post(
    "/claims", status_code=201, response_model=models.Claim, responses=problems(404, 409, 413),
    summary="Say that a finding is fixed",
)  # fmt: skip
def claim(request: Request, person: Claim, made: NewClaim) -> object:
    """The next scan verifies it, or finds it unmet still."""
    with look(request, person) as seen:
        target = target_of(seen, made.check, made.resource, made.account)
        actor = acting.Actor(person, address_of(request))
        at = acting.claim(seen.site, actor, target, made.note)
        return {**made.model_dump(), "note": made.note.strip(), "by": actor.name, "at": at}
