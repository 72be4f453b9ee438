"""Gaps by the same filters as the page."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request

from sharedline.browse.gaps import from_query
from sharedline.web.access import See
from sharedline.web.api.models import FILTERS, TOKEN, Rows, problems
from sharedline.web.views.looking import look
from sharedline.web.views.rows import answer

router = APIRouter(tags=["gaps"], dependencies=[Depends(TOKEN)])


@router.get(
    "/gaps", response_model=Rows, responses=problems(404), openapi_extra=dict(FILTERS),
    summary="Gaps, page by page",
)  # fmt: skip
def gaps(request: Request, person: See) -> object:
    """What is unmet, unknown, unowned or unverified on the customer's side, worst first."""
    filters = from_query(request.query_params.multi_items())
    with look(request, person, filters.scan) as seen:
        return answer(seen, filters)
