"""The audit log, its filters in the address."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from sharedline.people import audit
from sharedline.people.model import Action
from sharedline.web.access import SeeAudit
from sharedline.web.app import Nav
from sharedline.web.render import page
from sharedline.web.site import site_of

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
    first, last = _day(since), _day(until)
    filters = audit.Filters(
        who.strip(), action, target.strip(), first, last + timedelta(days=1) if last else None
    )
    with site_of(request).database.read() as connection:
        found = audit.read(connection, filters, number)
    kept = {"who": who, "action": action, "target": target, "since": since, "until": until}
    return page(
        request, "audit/log.html", title="Audit log", found=found, kept=kept,
        wrong=[d for d in (since, until) if d and _day(d) is None],
    )  # fmt: skip


def _day(given: str) -> datetime | None:
    try:
        found = date.fromisoformat(given)
        return (
            datetime(found.year, found.month, found.day, tzinfo=UTC) if found.year < 9999 else None
        )
    except ValueError:
        return None
