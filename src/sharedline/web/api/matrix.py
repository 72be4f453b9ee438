"""The matrix: its cells, and one of them with everything behind it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from sharedline.browse import matrix as browse
from sharedline.browse.filters import LAST
from sharedline.web.access import See
from sharedline.web.api.models import TOKEN, Model, Side, problems
from sharedline.web.pages.matrix import cell_or_404
from sharedline.web.views.looking import Look, look

router = APIRouter(tags=["matrix"], dependencies=[Depends(TOKEN)])
Scan = Annotated[str, Query(pattern=r"^[0-9A-Za-z-]{0,60}$", description="A scan; the newest.")]
_Part = Annotated[str, Path(max_length=80, pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]*$")]


class Sides(Model):
    """How many resources stand on each side of the line."""

    aws: int
    customer: int
    shared: int
    unknown: int = 0


class Answers(Model):
    """Findings by status."""

    met: int
    unmet: int
    unknown: int
    waived: int


class Line(Model):
    """One line of the cell: its side, its condition, both sides' words."""

    side: Side
    when: str
    aws: str
    customer: str
    source: str
    read: str
    resources: int


class Cell(Model):
    """A service x duty, as `matrix --format json` gives it."""

    service: str
    service_name: str
    duty: str
    area: str
    status: str
    owner: str
    aws: str
    customer: str
    source: str
    resources: int
    sides: Sides
    owners: dict[str, int]
    findings: Answers
    severity: str
    lines: list[Line]
    evidence: str


class Matrix(Model):
    """Every cell that the person may see."""

    scan: str
    as_of: datetime
    cells: list[Cell]


class Check(Model):
    """A check of the cell with its answers."""

    id: str
    title: str
    severity: str
    counts: dict[str, int]


class Statement(Model):
    """What somebody attested."""

    statement: str
    evidence: str
    scope: str
    by: str
    at: datetime
    expires: datetime
    expired: bool


class Standing(Model):
    """A resource of the cell, with how many of its findings are unmet and unknown."""

    resource: str
    side: Side
    owner: str
    account: str
    region: str
    unmet: int
    unknown: int


class Opened(Model):
    """A cell and what stands behind it; resources are paged.

    `listed` counts the list by side. `whole` is false where the inventory holds none of them: the
    list is then of those with findings.
    """

    scan: str
    cell: Cell
    checks: list[Check]
    attestations: list[Statement]
    listed: Sides
    whole: bool
    total: int
    page: int
    pages: int
    resources: list[Standing]


@router.get(
    "/matrix", response_model=Matrix, responses=problems(404), summary="The responsibility matrix"
)
def matrix(request: Request, person: See, scan: Scan = "") -> Response:
    """One cell for each service and duty; to an owner counted from what is theirs."""
    with look(request, person, scan) as seen:
        key = ("matrix-json", seen.scope)
        text = seen.index.kept(key, lambda: _whole(seen), weight=5_000)
    return Response(text, media_type="application/json")


def _whole(seen: Look) -> bytes:
    """The answer, a megabyte for a large estate: made once for each scope."""
    board = browse.board(seen.index, seen.scope)
    cells = [view.cell for row in board.rows for view in row.cells if view is not None]
    told = {"scan": seen.index.manifest.id, "as_of": seen.as_of, "cells": cells}
    return Matrix.model_validate(told).model_dump_json().encode()


@router.get(
    "/matrix/{service}/{duty}", response_model=Opened, responses=problems(404),
    summary="One cell of the matrix",
)  # fmt: skip
def cell(
    request: Request,
    person: See,
    service: _Part,
    duty: _Part,
    scan: Scan = "",
    side: Annotated[Side | None, Query(description="Resources on this side only.")] = None,
    page: Annotated[int, Query(ge=1, le=LAST)] = 1,
) -> object:
    """Both sides' words, lines, checks with counts, statements, resources."""
    with look(request, person, scan) as seen:
        found = cell_or_404(seen, service, duty, page, side or "")
        return {
            "scan": seen.index.manifest.id,
            "cell": found.view.cell,
            "checks": [_check(tally) for tally, _ in found.checks],
            "attestations": [{**a, "by": a["by_whom"]} for a in found.view.attestations],
            "listed": found.sides,
            "whole": found.whole,
            "total": found.total,
            "page": page,
            "pages": found.pages,
            "resources": list(found.resources),
        }


def _check(tally: Any) -> dict[str, Any]:
    return {"id": tally.id, "title": tally.title, "severity": tally.severity,
            "counts": dict(tally.counts)}  # fmt: skip
