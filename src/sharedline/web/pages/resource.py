"""One resource: whose side each duty is on, findings, owners, who can reach it, ways, its past."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from sharedline.browse import resource as browse
from sharedline.browse.resource import Absent, ResourcePage
from sharedline.web.access import See, query_of
from sharedline.web.pages.gaps import shown
from sharedline.web.render import page
from sharedline.web.views.looking import Look, look
from sharedline.web.views.ways import ident

router = APIRouter()

TABLES = {
    "resource_access": "Who can reach it",
    "effective_access": "What is allowed on it",
    "principal_access": "What it can do",
}
_FRAME = frozenset({"arn", "account_id", "region", "tags", "_errors", "table_name"})
#: What is true of these is worth a second look.
_ALARMS = frozenset({"is_public", "is_admin", "grants_everything", "is_cross_account"})


def found_or_404(seen: Look, arn: str) -> ResourcePage:
    """The resource, where the person sees it."""
    try:
        return browse.resource(seen.index, arn, seen.scope, seen.live)
    except Absent as error:
        raise HTTPException(404) from error


@router.get("/resource", response_class=HTMLResponse)
def resource(request: Request, person: See) -> HTMLResponse:
    """By its whole ARN; `past=1` shows the scans before too."""
    args = query_of(request)
    with look(request, person) as seen:
        found = found_or_404(seen, args.get("arn", ""))
        rows = shown(seen, list(found.findings))
        past = _past(seen, found.arn) if args.get("past") else None
        as_of = seen.as_of
    return page(
        request,
        "resource/resource.html",
        title=found.arn[:200],
        found=found,
        rows=rows,
        access=_access(found),
        ways=_ways(found),
        columns=[(k, _said(v)) for k, v in sorted(found.columns.items()) if k != "_errors"],
        past=past,
        as_of=as_of,
    )


@router.get("/resource/past", response_class=HTMLResponse)
def past(request: Request, person: See) -> HTMLResponse:
    """The piece that is loaded after the page."""
    arn = query_of(request).get("arn", "")
    with look(request, person) as seen:
        found = found_or_404(seen, arn)
        told = _past(seen, found.arn)
    return page(request, "resource/past.html", title="Past", past=told)


def _past(seen: Look, arn: str) -> dict[str, Any]:
    from sharedline.web.views.looking import scans_of

    told = browse.past(seen.index, arn, scans_of(seen.site), seen.scope)
    checks = sorted({check for _, _, answers in told for check in answers})
    return {
        "scans": [(scan, at) for scan, at, _ in told],
        "rows": [(check, [answers.get(check, "") for _, _, answers in told]) for check in checks],
    }


def _access(found: ResourcePage) -> list[tuple[str, list[list[tuple[str, str, bool]]]]]:
    """By table its rows as (what, value, whether it is worth a second look)."""
    return [
        (
            TABLES.get(table, table),
            [
                [
                    (k.replace("_", " "), _said(v), k in _ALARMS and v is True)
                    for k, v in row.items()
                    if k not in _FRAME and v not in ("", [])
                ]
                for row in rows
            ],
        )
        for table, rows in found.access.items()
    ]


def _said(value: Any) -> str:
    """A value of a table for people; NULL is what could not be read."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def _ways(found: ResourcePage) -> list[dict[str, Any]]:
    """The ways to administrator rights that touch it, each with the page of it."""
    if found.escalation is None:
        return []
    return [
        {
            "title": way.title,
            "word": way.word,
            "starts": [(start, f"/paths/{ident(start)}") for start in way.starts],
        }
        for way in found.escalation.ways
    ]
