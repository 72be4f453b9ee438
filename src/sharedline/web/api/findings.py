"""Findings by filters, and one finding with everything that was said of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from sharedline.browse import gaps as browse
from sharedline.web.access import See
from sharedline.web.api.models import FILTERS, TOKEN, Model, Name, Row, Rows, Said, Short, problems
from sharedline.web.views.looking import look, row_or_404
from sharedline.web.views.rows import answer

router = APIRouter(tags=["findings"], dependencies=[Depends(TOKEN)])
_Account = Annotated[str, Query(max_length=12, pattern=r"^\d{0,12}$")]


class Finding(Model):
    """One finding, its check's words, its history and what people said."""

    finding: Row
    title: str
    why: str
    fix: str
    controls: dict[str, list[str]]
    said: list[Said]


@router.get(
    "/findings", response_model=Rows, responses=problems(404), openapi_extra=dict(FILTERS),
    summary="Findings, page by page",
)  # fmt: skip
def findings(request: Request, person: See) -> object:
    """Every finding that fits the filters; with `rows=gaps`, gaps alone."""
    given = request.query_params.multi_items()
    filters = browse.from_query(given)
    if not any(key == "rows" and value for key, value in given):
        filters = filters.but(rows="all", page=filters.page)
    with look(request, person, filters.scan) as seen:
        return answer(seen, filters)


@router.get("/findings/one", response_model=Finding, responses=problems(404), summary="One finding")
def one(
    request: Request,
    person: See,
    check: Annotated[Short, Query()],
    resource: Annotated[Name, Query()],
    account: _Account = "",
) -> object:
    """A finding by its check, resource and account."""
    with look(request, person) as seen:
        row = row_or_404(seen, check, resource, account)
        known = seen.check(check)
        return {
            "finding": row,
            "title": seen.title(row),
            "why": known.why if known else "",
            "fix": known.fix if known else "",
            "controls": {k: list(v) for k, v in known.controls.items()} if known else {},
            "said": seen.live.said(check, resource, row["account"]),
        }
