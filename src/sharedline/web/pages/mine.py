"""What is mine: five things to do next, then the rest by numbers that open to their rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from sharedline.browse.gaps import Filters, Page
from sharedline.browse.mine import mine as five
from sharedline.people.model import Action, Person, Scope
from sharedline.web.access import Claim
from sharedline.web.app import Nav
from sharedline.web.pages.gaps import TITLES, label_of
from sharedline.web.render import page
from sharedline.web.views.looking import Look, href_of, look

router = APIRouter()
NAV = Nav("Mine", "/mine", Action.CLAIM, 15)

#: The fields by which the rest is counted, and the most values of each.
_COUNTED, _MOST = ("severity", "status", "duty", "service", "age", "life"), 8


@dataclass(frozen=True, slots=True)
class Count:
    """A number of rows with the address of them."""

    label: str
    n: int
    href: str


def _scope(person: Person) -> Scope:
    """What the person sees; of it the teams' own comes first, where they have teams."""
    return replace(person.scope, teams=person.scope.teams or frozenset(person.teams))


@router.get("/mine", response_class=HTMLResponse)
def mine(request: Request, person: Claim) -> HTMLResponse:
    """For an owner what their teams own; for who has no team, what there is."""
    scope = _scope(person)
    own = Filters(owner=scope.teams)
    with look(request, person) as seen:
        context = seen.kept(("mine", scope.teams), lambda: _context(seen, scope, own))
    return page(request, "mine/mine.html", title="Mine", **context)


def _context(seen: Look, scope: Scope, own: Filters) -> dict[str, Any]:
    found = seen.page(own.but(size=1))
    nobody = own.but(owner=frozenset(), owned="no")
    return {
        "things": [
            {
                "row": thing.row,
                "title": seen.title(thing.row),
                "href": href_of(thing.row),
                "why": thing.why,
                "alike": thing.alike,
                "all": f"/gaps?{thing.query}",
            }
            for thing in five(seen.index, scope, seen.live)
        ],
        "total": found.total,
        "all": f"/gaps?{own.query()}",
        "counts": _counts(found, own),
        "unowned": Count("owned by nobody", seen.total(nobody), f"/gaps?{nobody.query()}"),
        "teams": sorted(scope.teams),
        "claimed": _claimed(found),
        "as_of": seen.as_of,
    }


def _claimed(found: Page) -> int:
    return next((n for value, n, _ in found.facets["life"].values if value == "claimed"), 0)


def _counts(found: Page, own: Filters) -> list[tuple[str, list[Count]]]:
    out = []
    for field in _COUNTED:
        values = [v for v in found.facets[field].values if v[1]][:_MOST]
        told = [
            Count(label_of(field, value), n, f"/gaps?{own.but(**_one(field, value)).query()}")
            for value, n, _ in values
        ]
        if told:
            out.append((TITLES[field], told))
    return out


def _one(field: str, value: str) -> dict[str, Any]:
    return {field: value}


__all__ = ["Look", "mine", "router"]
