"""The scans of the lake."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request

from sharedline.web.access import See
from sharedline.web.api.models import TOKEN, Scans, problems
from sharedline.web.site import site_of
from sharedline.web.views.looking import scans_of

router = APIRouter(tags=["scans"], dependencies=[Depends(TOKEN)])


@router.get("/scans", response_model=Scans, responses=problems(), summary="The scans")
def scans(request: Request, person: See) -> object:
    """The newest last; of accounts those that the person sees."""
    found = scans_of(site_of(request))
    return {
        "scans": [
            {
                "id": m.id,
                "as_of": m.as_of,
                "accounts": [a for a in m.data["accounts"] if person.scope.covers(a, "")],
                "regions": m.data["regions"],
                "incomplete": m.incomplete,
            }
            for m in found
        ]
    }
