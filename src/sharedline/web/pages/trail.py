"""The review of the trail: which logs, who looked and when, what was detected, what nobody reads."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from sharedline.inventory.lake import Lake
from sharedline.people.model import Action, Person
from sharedline.trail import journal, store
from sharedline.web.access import See, query_of
from sharedline.web.app import Nav
from sharedline.web.pages.incident import trail_key
from sharedline.web.render import page
from sharedline.web.site import Site, now, site_of
from sharedline.web.views import reviewed
from sharedline.web.views.listing import cut
from sharedline.web.views.looking import newest
from sharedline.web.views.shelf import Told, of_scan, shelf

router = APIRouter()
NAV = Nav("Trail", "/trail", Action.SEE, 65)
#: The views: what each is called, and by which fields its rows are chosen.
VIEWS: dict[str, tuple[str, tuple[str, ...]]] = {
    "sources": ("Logs and who reads them", ("answer", "owner", "source")),
    "findings": ("Open findings", ("service", "owner", "severity")),
    "detections": ("Detections", ("level", "name", "account")),
    "alarms": ("Alarms", ("answer", "owner")),
    "changes": ("Changes to findings", ("reader", "service")),
    "deliveries": ("Refused deliveries", ("service",)),
}


def _review(site: Site) -> Told:
    manifest = newest(site)
    scan = of_scan(manifest) if manifest else ("",)
    project = site.project
    # Attestations and owner rules change it; a day makes other logs old.
    key = ("review", *scan, *trail_key(Lake(project.lake_url)), project.intent_digest())
    return shelf(site).ask((*key, now().date()), lambda: reviewed.reckon(project))


@router.get("/trail", response_class=HTMLResponse)
def summary(request: Request, person: See) -> HTMLResponse:
    """The sources, and what stands behind the other numbers."""
    return _shown(request, person, "sources")


@router.get("/trail/source/{name}", response_class=HTMLResponse)
def source(request: Request, person: See, name: str) -> HTMLResponse:
    """Who read one source."""
    site = site_of(request)
    told = _review(site)
    one: dict[str, Any] | None = None
    rows: list[dict[str, Any]] = []
    if told.state == "done":
        part = reviewed.part(told.value, person.scope)
        one = next((s for s in part.sources if s["id"] == name), None)
        if one is None:
            raise HTTPException(404)
        rows = reviewed.readers(told.value, name, person.scope)
    return page(
        request,
        "trail/source.html",
        title=f"Readers of {one['what']}" if one else "Readers of a log",
        told=told,
        source=one,
        rows=rows,
    )


@router.get("/trail/{view}", response_class=HTMLResponse)
def view(request: Request, person: See, view: str) -> HTMLResponse:
    """The rows behind one of the numbers."""
    if view not in VIEWS:
        raise HTTPException(404)
    return _shown(request, person, view)


def _shown(request: Request, person: Person, view: str) -> HTMLResponse:
    site, args = site_of(request), query_of(request)
    lake = Lake(site.project.lake_url)
    there = store.available(lake)
    found = reviewed.detections(lake, person.scope)
    told = _review(site) if there else Told("failed")
    part = reviewed.part(told.value, person.scope) if told.state == "done" else None
    title, fields = VIEWS[view]
    every: list[dict[str, Any]] = found if view == "detections" else getattr(part, view, [])
    chosen = [r for r in every if all(args.get(f, "") in ("", str(r[f])) for f in fields)]
    if args.get("late") == "yes" and view == "findings":
        chosen = [r for r in chosen if r["late"]]
    rows, number, pages = cut(chosen, args)
    return page(
        request,
        "trail/list.html",
        title=f"Trail: {title}",
        view=view,
        views=VIEWS,
        heading=title,
        there=there,
        detected=bool(lake.glob(journal.folder(lake, "detection", "*.json"))),
        told=told,
        part=part,
        counts=_counts(part, len(found)) if part else {},
        found=len(found),
        choices_of=[(f, reviewed.by(every, f)) for f in fields],
        total=len(chosen),
        rows=rows,
        number=number,
        pages=pages,
    )


def _counts(part: reviewed.Part, detections: int) -> dict[str, int]:
    """The numbers of the summary; each is of rows that a view lists."""
    answers = [s["answer"] for s in part.sources]
    return {
        "nobody": answers.count("nobody"),
        "unknown": answers.count("unknown"),
        "yes": answers.count("yes"),
        "late": sum(f["late"] for f in part.findings),
        "findings": len(part.findings),
        "silent": sum(a["answer"] == "nobody" for a in part.alarms),
        "alarms": len(part.alarms),
        "detections": detections,
        "changes": len(part.changes),
        "deliveries": len(part.deliveries),
    }
