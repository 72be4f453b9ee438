"""Waivers: accepted exceptions, in the file that people review under git."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request

from sharedline.duties import waivers as register
from sharedline.model import Waiver as Made
from sharedline.people.model import Scope
from sharedline.web import site as sites
from sharedline.web.access import See, Waive, address_of
from sharedline.web.api.models import TOKEN, NewWaiver, Waiver, Waivers, problems
from sharedline.web.site import site_of
from sharedline.web.views import acting
from sharedline.web.views.looking import look, target_of

router = APIRouter(tags=["waivers"], dependencies=[Depends(TOKEN)])


def _told(waiver: Made) -> dict[str, object]:
    keys = ("check", "duty", "resource", "account", "reason", "approver", "expires")
    expired = waiver.expires < sites.now().date()
    return {**{key: getattr(waiver, key) for key in keys}, "expired": expired}


def _seen(waiver: Made, scope: Scope) -> bool:
    """Whether a waiver is of an account that is seen; one of any account is everybody's."""
    if scope.everything:
        return True
    parts = waiver.resource.split(":")
    account = parts[4] if len(parts) > 5 else ""
    named = waiver.account if waiver.account != "*" else account
    return scope.covers(named, "")


@router.get(
    "/waivers", response_model=Waivers, responses=problems(), summary="The accepted exceptions"
)
def waivers(request: Request, person: See) -> object:
    """Expired ones too; to an owner, those that name an account of theirs."""
    found = register.load(site_of(request).project.waivers)
    return {"waivers": [_told(w) for w in found if _seen(w, person.scope)]}


@router.post(
    "/waivers", status_code=201, response_model=Waiver, responses=problems(404, 409, 413),
    summary="Accept an exception",
)  # fmt: skip
def waive(request: Request, person: Waive, made: NewWaiver) -> object:
    """For one finding, until its last day; the next scan counts it as waived."""
    with look(request, person) as seen:
        target = target_of(seen, made.check, made.resource, made.account)
        actor = acting.Actor(person, address_of(request))
        return _told(
            acting.waive(seen.site, actor, target, made.reason, made.approver, made.expires)
        )
