"""Assurance: frameworks and what proves their parts, policies, AWS's reports, audit packages."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse

from sharedline.comply.model import HOW
from sharedline.people.model import Action
from sharedline.web.access import SeeAll, query_of
from sharedline.web.app import Nav
from sharedline.web.render import page
from sharedline.web.site import Site, site_of
from sharedline.web.views import assured, packages
from sharedline.web.views.listing import cut
from sharedline.web.views.looking import newest
from sharedline.web.views.shelf import of_scan, opened, shelf

router = APIRouter()
NAV = Nav("Policies", "/policies", Action.SEE_ALL, 90)
LOOKS = ("met", "inherited", "waived", "unverified", "unknown", "unmapped", "unmet")


def _assured(site: Site) -> assured.Assured | None:
    manifest = newest(site)
    if manifest is None:
        return None

    def make() -> assured.Assured:
        with opened(site, manifest) as results:
            return assured.reckon(results)

    key = ("assured", *of_scan(manifest), assured.stamp(site.project))
    found = shelf(site).get(key, make)
    assert isinstance(found, assured.Assured)
    return found


@router.get("/policies", response_class=HTMLResponse)
def summary(request: Request, person: SeeAll) -> HTMLResponse:  # noqa: ARG001
    """Everything at a glance."""
    site = site_of(request)
    found = _assured(site)
    statuses = found.clauses if found else ()
    documents: dict[str, list[str]] = {}
    for status in statuses:
        documents.setdefault(status.clause.document, []).append(status.verdict)
    return page(
        request,
        "policies/summary.html",
        title="Policies and frameworks",
        found=found,
        documents={d: dict(assured.verdicts(v)) for d, v in sorted(documents.items())},
        packages=packages.packages(site.project.folder),
        looks=LOOKS,
    )


@router.get("/policies/framework/{name}", response_class=HTMLResponse)
def framework(request: Request, person: SeeAll, name: str) -> HTMLResponse:  # noqa: ARG001
    """The parts of a framework with what proves each."""
    found = _assured(site_of(request))
    book = found.books.get(name) if found else None
    if found is None or book is None:
        raise HTTPException(404)
    args = query_of(request)
    chosen = [r for r in book.rows if _fits(r, args)]
    rows, number, pages = cut(chosen, args)
    return page(
        request,
        "policies/framework.html",
        title=book.framework.title,
        book=book,
        window=found.window,
        verdicts=assured.verdicts([r.verdict for r in book.rows]),
        hows=[(h, n) for h in HOW if (n := sum(r.how == h for r in book.rows))],
        sides=[
            (s, n)
            for s in ("aws", "shared", "customer", "unknown")
            if (n := sum(r.side == s for r in book.rows))
        ],
        HOW=HOW,
        looks=LOOKS,
        total=len(chosen),
        rows=rows,
        number=number,
        pages=pages,
    )


def _fits(row: assured.PartRow, args: dict[str, Any]) -> bool:
    same = all(args.get(k, "") in ("", getattr(row, k)) for k in ("verdict", "how", "side"))
    text = str(args.get("text", "")).casefold()
    return same and (not text or text in f"{row.id} {row.title}".casefold())


@router.get("/policies/clauses", response_class=HTMLResponse)
def clauses(request: Request, person: SeeAll) -> HTMLResponse:  # noqa: ARG001
    """The clauses of the policies, each with what it asks for."""
    found = _assured(site_of(request))
    every = found.clauses if found else ()
    args = query_of(request)
    chosen = [
        s
        for s in every
        if args.get("document", "") in ("", s.clause.document)
        and args.get("verdict", "") in ("", s.verdict)
        and args.get("owner", "") in ("", s.owner)
    ]
    rows, number, pages = cut(chosen, args)
    owners = sorted({s.owner for s in every})
    return page(
        request,
        "policies/clauses.html",
        title="Clauses of the policies",
        found=found,
        verdicts=assured.verdicts([s.verdict for s in every]),
        documents=[
            (d, sum(s.clause.document == d for s in every))
            for d in sorted({s.clause.document for s in every})
        ],
        owners=[(o, sum(s.owner == o for s in every)) for o in owners],
        total=len(chosen),
        rows=rows,
        number=number,
        pages=pages,
    )


@router.get("/policies/reports", response_class=HTMLResponse)
def reports(request: Request, person: SeeAll) -> HTMLResponse:  # noqa: ARG001
    """AWS's reports on file, and what is missing of them."""
    found = _assured(site_of(request))
    args = query_of(request)
    every = found.paper.gaps if found else ()
    kinds = list(dict.fromkeys(str(g.kind) for g in every))
    chosen = [g for g in every if args.get("kind", "") in ("", str(g.kind))]
    rows, number, pages = cut(chosen, args)
    return page(
        request,
        "policies/reports.html",
        title="AWS’s reports",
        found=found,
        kinds=[(k, sum(str(g.kind) == k for g in every)) for k in kinds],
        asked=assured.ASKED,
        rows=rows,
        number=number,
        pages=pages,
    )


def _package(request: Request, name: str) -> packages.Package:
    for one in packages.packages(site_of(request).project.folder):
        if one.name == name:
            return one
    raise HTTPException(404)


@router.get("/policies/packages/{name}", response_class=HTMLResponse)
def package(request: Request, person: SeeAll, name: str) -> HTMLResponse:  # noqa: ARG001
    """One audit package: its files."""
    one = _package(request, name)
    return page(request, "policies/package.html", title=f"Audit package {one.name}", package=one)


@router.get("/policies/packages/{name}/{file:path}")
def fetch(request: Request, person: SeeAll, name: str, file: str) -> FileResponse:  # noqa: ARG001
    """A file of a package, to be saved: never shown within our pages."""
    path = packages.fetched(_package(request, name), file)
    if path is None:
        raise HTTPException(404)
    return FileResponse(path, media_type="application/octet-stream", filename=path.name)
