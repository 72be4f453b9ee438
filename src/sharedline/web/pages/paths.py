"""The ways to administrator rights: worst first, each opens to its steps and what allows them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from sharedline.errors import Error
from sharedline.people.model import Action, Person
from sharedline.web.access import See, query_of
from sharedline.web.app import Nav
from sharedline.web.render import page
from sharedline.web.site import Site, site_of
from sharedline.web.views import ways
from sharedline.web.views.listing import cut
from sharedline.web.views.looking import newest
from sharedline.web.views.shelf import of_scan, opened, shelf

router = APIRouter()
NAV = Nav("Paths", "/paths", Action.SEE, 50)


def _found(site: Site) -> ways.Found | None:
    manifest = newest(site)
    if manifest is None:
        return None

    def make() -> ways.Found | None:
        with opened(site, manifest) as results:
            return ways.found(results)

    found = shelf(site).get(("ways", *of_scan(manifest)), make)
    assert found is None or isinstance(found, ways.Found)
    return found


@router.get("/paths", response_class=HTMLResponse)
def listed(request: Request, person: See) -> HTMLResponse:
    """The list, with filters in its address."""
    site = site_of(request)
    found = _found(site)
    args = query_of(request)
    every = ways.seen(found.rows, person.scope) if found else []
    rows = [r for r in every if _wanted(r, args)]
    shown, number, pages = cut(rows, args)
    return page(
        request,
        "paths/list.html",
        title="Paths",
        looked=found is not None,
        scanned=newest(site),
        judged=found.judged if found and person.scope.everything else 0,
        counts=ways.counts(every),
        says=ways.SAYS,
        total=len(rows),
        rows=[ways.shown(r, person.scope) for r in shown],
        number=number,
        pages=pages,
        check=ways.CHECK,
    )


def _wanted(row: ways.Row, args: dict[str, Any]) -> bool:
    if args.get("answer", "") not in ("", *ways.ANSWERS):
        raise Error("There is no such answer.", f"There are: {', '.join(ways.ANSWERS)}.")
    return all(args.get(k, "") in ("", getattr(row, k)) for k in ("answer", "via", "owner"))


@router.get("/paths/{name}", response_class=HTMLResponse)
def one(request: Request, person: See, name: str) -> HTMLResponse:
    """One way with its steps."""
    site = site_of(request)
    row = _row(site, person, name)
    manifest = newest(site)
    assert manifest is not None

    def make() -> ways.Way:
        with opened(site, manifest) as results:
            return ways.opened(results, row, person.scope)

    way = shelf(site).get(("way", *of_scan(manifest), name, person.scope), make)
    return page(
        request,
        "paths/one.html",
        title=f"Path of {way.row['name']}",
        way=way,
        says=ways.SAYS,
        check=ways.CHECK,
        manifest=manifest,
    )


def _row(site: Site, person: Person, name: str) -> ways.Row:
    found = _found(site)
    for row in ways.seen(found.rows, person.scope) if found else ():
        if row.id == name:
            return row
    raise HTTPException(404)
