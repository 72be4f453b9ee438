"""The audit log for programs: who changed what, page by page."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from sharedline.errors import Error
from sharedline.people import audit
from sharedline.web.access import SeeAudit
from sharedline.web.api.models import TOKEN, Model, Name, Short, problems
from sharedline.web.site import site_of
from sharedline.web.views import records

router = APIRouter(tags=["audit"], dependencies=[Depends(TOKEN)])
_Who = Annotated[Short, Query(description="Who did it: the whole name.")]
_Action = Annotated[str, Query(max_length=80, pattern=r"^[^\x00]*$", examples=["person.add"])]
_Target = Annotated[Name, Query(description="Anywhere within what it concerns.")]
_Day = Annotated[
    str,
    Query(
        pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$",
        description="A day (UTC) like 2026-11-22; `until` is counted in.",
    ),
]


class Record(Model):
    """One change."""

    id: int
    at: datetime
    who: str
    role: str = Field(description="Theirs at that time.")
    action: str
    target: str
    detail: dict[str, Any]
    address: str = Field(description="Where it was asked for; empty for a terminal.")


class Log(Model):
    """One page of records, the newest first; `actions` are those that the whole log has."""

    total: int
    page: int
    pages: int
    records: list[Record]
    actions: list[str]


@router.get("/audit", response_model=Log, responses=problems(), summary="The audit log")
def log(
    request: Request,
    _person: SeeAudit,
    who: _Who = "",
    action: _Action = "",
    target: _Target = "",
    since: _Day = "",
    until: _Day = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> object:
    """Every change, written in the transaction that made it; a page past the last is empty."""
    filters, wrong = records.filters(who, action, target, since, until)
    if wrong:
        raise Error(f"{wrong[0]} is no day.", "Write one like 2026-11-22.")
    with site_of(request).database.read() as connection:
        found = audit.read(connection, filters, page)
    keys = ("id", "at", "who", "role", "action", "target", "detail", "address")
    rows = [{key: getattr(one, key) for key in keys} for one in found.records]
    return {"total": found.total, "page": found.number, "pages": found.pages, "records": rows,
            "actions": found.actions}  # fmt: skip
