"""The audit log, its filters in the address."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from sharedline.people import audit
from sharedline.people.model import Action
from sharedline.web.access import SeeAudit
from sharedline.web.app import Nav
from sharedline.web.render import page
from sharedline.web.site import site_of
from sharedline.web.views import records

router = APIRouter()
NAV = Nav("Audit log", "/audit", Action.SEE_AUDIT, 95)


@router.get("/audit")
def log(
    request: Request,
    person: SeeAudit,  # noqa: ARG001 only they may
    who: str = "",
    action: str = "",
    target: str = "",
    since: str = "",
    until: str = "",
    number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
) -> Response:
    """One page of what was changed, the newest first. Days are UTC; `until` is counted in."""
    filters, wrong = records.filters(who, action, target, since, until)
    with site_of(request).database.read() as connection:
        found = audit.read(connection, filters, number)
    kept = {"who": who, "action": action, "target": target, "since": since, "until": until}
    return page(
        request, "audit/log.html", title="Audit log", found=found, kept=kept,
        wrong=wrong,
    )  # fmt: skip
