"""Response procedures: what can be raised and which runbook answers it, what is wrong, each one."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from sharedline.people.model import Action
from sharedline.web.access import See, query_of
from sharedline.web.app import Nav
from sharedline.web.render import page
from sharedline.web.site import Site, now, site_of
from sharedline.web.views import procedures
from sharedline.web.views.listing import cut
from sharedline.web.views.looking import newest
from sharedline.web.views.shelf import of_scan, opened, shelf

router = APIRouter()
NAV = Nav("Runbooks", "/runbooks", Action.SEE, 70)


def _found(site: Site) -> procedures.Procedures:
    manifest = newest(site)
    today = now().date()

    def make() -> procedures.Procedures:
        if manifest is None:
            return procedures.reckon(site.project, None, today)
        with opened(site, manifest) as results:
            return procedures.reckon(site.project, results, today)

    scan = of_scan(manifest) if manifest else ("",)
    key = ("runbooks", *scan, procedures.stamp(site.project, today))
    found = shelf(site).get(key, make)
    assert isinstance(found, procedures.Procedures)
    return found


@router.get("/runbooks", response_class=HTMLResponse)
def listed(request: Request, person: See) -> HTMLResponse:  # noqa: ARG001 no account is named
    """What is answered, the faults, and the runbooks."""
    found = _found(site_of(request))
    possible = [r for r in found.rows or () if r["can_be_raised"] != "no"]
    return page(
        request,
        "runbooks/list.html",
        title="Runbooks",
        found=found,
        kinds=procedures.KINDS,
        counts={s: sum(r["status"] == s for r in possible) for s in procedures.STATUSES},
        by_kind={
            kind: {
                s: sum(r["status"] == s and r["kind"] == kind for r in possible)
                for s in procedures.STATUSES
            }
            for kind in procedures.KINDS
        },
        looks=procedures.STATUSES[::-1],
        faults_of={
            name: sum(f.runbook == name for f in found.faults) for name in found.library.runbooks
        },
        days=procedures.DAYS,
    )


@router.get("/runbooks/coverage", response_class=HTMLResponse)
def covered(request: Request, person: See) -> HTMLResponse:  # noqa: ARG001
    """The rows behind the numbers: finding types, controls, checks, detections."""
    found = _found(site_of(request))
    args = query_of(request)
    every = found.rows or ()
    chosen = [r for r in every if _fits(r, args)]
    rows, number, pages = cut(chosen, args)
    return page(
        request,
        "runbooks/coverage.html",
        title="What runbooks answer",
        found=found,
        kinds=procedures.KINDS,
        choices_of={
            "kind": [(k, sum(r["kind"] == k for r in every)) for k in procedures.KINDS],
            "status": [(s, sum(r["status"] == s for r in every)) for s in procedures.STATUSES],
            "can": [
                (c, sum(r["can_be_raised"] == c for r in every)) for c in ("yes", "unknown", "no")
            ],
        },
        total=len(chosen),
        rows=rows,
        number=number,
        pages=pages,
    )


def _fits(row: dict[str, Any], args: dict[str, Any]) -> bool:
    can = args.get("can", "")
    raised = row["can_be_raised"]
    fits = raised != "no" if can == "possible" else can in ("", raised)
    same = all(args.get(k, "") in ("", row[k]) for k in ("kind", "status"))
    return fits and same and args.get("runbook", "") in ("", *row["runbooks"])


@router.get("/runbooks/faults", response_class=HTMLResponse)
def faults(request: Request, person: See) -> HTMLResponse:  # noqa: ARG001
    """What is wrong with the runbooks."""
    found = _found(site_of(request))
    args = query_of(request)
    kinds = sorted({f.kind for f in found.faults})
    chosen = [
        f
        for f in found.faults
        if args.get("kind", "") in ("", f.kind) and args.get("runbook", "") in ("", f.runbook)
    ]
    rows, number, pages = cut(chosen, args)
    return page(
        request,
        "runbooks/faults.html",
        title="What is wrong with runbooks",
        kinds=[(k, sum(f.kind == k for f in found.faults)) for k in kinds],
        library=found.library,
        rows=rows,
        number=number,
        pages=pages,
    )


@router.get("/runbooks/{name:path}", response_class=HTMLResponse)
def one(request: Request, person: See, name: str) -> HTMLResponse:  # noqa: ARG001
    """One runbook."""
    found = _found(site_of(request))
    book = found.library.runbooks.get(name)
    if book is None:
        raise HTTPException(404)
    return page(
        request,
        "runbooks/one.html",
        title=book.title,
        book=book,
        text=procedures.html(found.library, name),
        faults=[f for f in found.faults if f.runbook == name],
        answers=[r for r in found.rows or () if name in r["runbooks"]],
        kinds=procedures.KINDS,
    )
