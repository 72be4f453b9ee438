"""What forms do with a finding: claim it, comment on it, waive it; then back to where it shows."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse

from sharedline.errors import Error
from sharedline.people.model import Person
from sharedline.web.access import Claim, Comment, Waive, address_of
from sharedline.web.views import acting
from sharedline.web.views.looking import finding_href, look, target_of

router = APIRouter()
Text = Annotated[str, Form()]


def _back(target: acting.Target, done: str) -> RedirectResponse:
    where = finding_href(target.check, target.resource, target.account)
    return RedirectResponse(f"{where}&done={done}", 303)


def _actor(request: Request, person: Person) -> acting.Actor:
    return acting.Actor(person, address_of(request))


@router.post("/gaps/finding/claim")
def claim(
    request: Request, person: Claim, check: Text = "", resource: Text = "", account: Text = "",
    note: Text = "",
) -> RedirectResponse:  # fmt: skip
    """Says that it is fixed."""
    with look(request, person) as seen:
        target = target_of(seen, check, resource, account)
        acting.claim(seen.site, _actor(request, person), target, note)
    return _back(target, "claim")


@router.post("/gaps/finding/comment")
def comment(
    request: Request, person: Comment, check: Text = "", resource: Text = "", account: Text = "",
    text: Text = "",
) -> RedirectResponse:  # fmt: skip
    """Keeps a comment."""
    with look(request, person) as seen:
        target = target_of(seen, check, resource, account)
        acting.comment(seen.site, _actor(request, person), target, text)
    return _back(target, "comment")


@router.post("/gaps/finding/waive")
def waive(
    request: Request, person: Waive, check: Text = "", resource: Text = "", account: Text = "",
    reason: Text = "", approver: Text = "", expires: Text = "",
) -> RedirectResponse:  # fmt: skip
    """Accepts an exception."""
    try:
        last = date.fromisoformat(expires)
    except ValueError as error:
        raise Error("The last day is no date.", "Write it as 2027-01-31.") from error
    with look(request, person) as seen:
        target = target_of(seen, check, resource, account)
        acting.waive(seen.site, _actor(request, person), target, reason, approver, last)
    return _back(target, "waive")
