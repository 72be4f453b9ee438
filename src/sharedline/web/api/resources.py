"""One resource with everything that the scan says of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from sharedline.web.access import See
from sharedline.web.api.matrix import Scan
from sharedline.web.api.models import TOKEN, Model, Name, Row, Side, problems
from sharedline.web.pages.resource import found_or_404
from sharedline.web.views.looking import look

router = APIRouter(tags=["resources"], dependencies=[Depends(TOKEN)])


class Place(Model):
    """Whose side a duty of the resource is on, and why."""

    duty: str
    side: Side
    owner: str
    aws: str
    customer: str
    when: str
    source: str


class Resource(Model):
    """A resource: its line, findings, owners, the columns of the inventory, who can reach it."""

    arn: str
    account: str
    region: str
    service: str
    service_name: str
    owners: list[str]
    line: list[Place]
    findings: list[Row]
    columns: dict[str, Any]
    access: dict[str, list[dict[str, Any]]]


@router.get("/resources", response_model=Resource, responses=problems(404), summary="A resource")
def resource(
    request: Request, person: See, arn: Annotated[Name, Query()], scan: Scan = ""
) -> object:
    """By its whole ARN."""
    with look(request, person, scan) as seen:
        found = found_or_404(seen, arn)
        return {
            "arn": found.arn,
            "account": found.account,
            "region": found.region,
            "service": found.service,
            "service_name": found.service_name,
            "owners": list(found.owners),
            "line": list(found.line),
            "findings": list(found.findings),
            "columns": found.columns,
            "access": found.access,
        }
