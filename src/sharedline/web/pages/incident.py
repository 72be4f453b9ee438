"""Incidents: what one can start from, and each one's verdict, reckoned once and kept."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from sharedline.incident.render_html import SIDES, SIGNS
from sharedline.inventory.lake import Lake
from sharedline.people.model import Action, Person
from sharedline.trail import journal, store
from sharedline.web.access import See, query_of
from sharedline.web.app import Nav
from sharedline.web.render import page
from sharedline.web.site import Site, site_of
from sharedline.web.views import incidents
from sharedline.web.views.hiding import Hiding
from sharedline.web.views.listing import cut
from sharedline.web.views.looking import newest
from sharedline.web.views.shelf import Told, of_scan, opened, shelf
from sharedline.web.views.timeline import timeline

router = APIRouter()
NAV = Nav("Incident", "/incident", Action.SEE, 60)
KINDS = {"guardduty": "GuardDuty", "detection": "detections over the trail"}


def trail_key(lake: Lake) -> tuple[str, ...]:
    """What an answer about the trail is kept by: what was read into it, what was detected last."""
    return tuple(
        (lake.glob(journal.folder(lake, kind, "*")) or [""])[-1]
        for kind in ("ingest", "detection", "event")
    )


def _starts(site: Site) -> list[incidents.Start]:
    lake = Lake(site.project.lake_url)
    manifest = newest(site)

    def make() -> list[incidents.Start]:
        found = incidents.of_trail(lake)
        if manifest is not None:
            with opened(site, manifest) as results:
                found += incidents.of_scan(results)
        return sorted(found, key=lambda s: s.rank)

    scan = of_scan(manifest) if manifest else ("",)
    found: list[incidents.Start] = shelf(site).get(("starts", *scan, *trail_key(lake)), make)
    return found


def _seen(site: Site, person: Person) -> list[incidents.Start]:
    hiding = Hiding(person.scope)
    whole = person.scope.everything
    return [s for s in _starts(site) if whole or (s.account and hiding.sees(s.account))]


@router.get("/incident", response_class=HTMLResponse)
def listed(request: Request, person: See) -> HTMLResponse:
    """What can be looked at."""
    site = site_of(request)
    args = query_of(request)
    every = _seen(site, person)
    chosen = [s for s in every if args.get("kind", "") in ("", s.kind)]
    rows, number, pages = cut(chosen, args)
    lake = Lake(site.project.lake_url)
    return page(
        request,
        "incident/list.html",
        title="Incidents",
        rows=rows,
        number=number,
        pages=pages,
        kinds=[(k, sum(s.kind == k for s in every)) for k in KINDS],
        names=KINDS,
        trail=store.available(lake),
        detected=bool(lake.glob(journal.folder(lake, "detection", "*.json"))),
        scanned=newest(site),
    )


@router.get("/incident/{name}", response_class=HTMLResponse)
def one(request: Request, person: See, name: str) -> HTMLResponse:
    """The verdict; while it is being reckoned, a page that asks for it again."""
    site = site_of(request)
    start = next((s for s in _seen(site, person) if s.id == name), None)
    if start is None:
        raise HTTPException(404)
    # Older scans kept of GuardDuty's findings what they are, not who acted: nothing leads to events.
    told = Told("failed") if start.thin else _verdict(site, start)
    data = incidents.shown(told.value, person.scope) if told.state == "done" else None
    hiding = Hiding(person.scope)
    return page(
        request,
        "incident/one.html",
        title=f"Incident: {hiding.text(start.title)}"[:160],
        start=start,
        heading=hiding.text(start.title),
        told=told,
        i=data,
        drawn=timeline(data["chain"]) if data else "",
        near=[s for s in _seen(site, person) if s.near(start)] if start.thin else [],
        SIGNS=SIGNS,
        INCIDENT_SIDES=SIDES,
    )


def _verdict(site: Site, start: incidents.Start) -> Told:
    manifest = newest(site)
    scan = of_scan(manifest) if manifest else ("",)
    key = ("verdict", *scan, *trail_key(Lake(site.project.lake_url)), start.id)
    return shelf(site).ask(key, lambda: incidents.reckon(site.project, start.subject))
