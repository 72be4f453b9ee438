"""How findings flow from found to verified, how gaps without an owner burn down, what changed."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from sharedline.browse import charts
from sharedline.browse import flow as browse
from sharedline.browse.gaps import Filters
from sharedline.people.model import Action
from sharedline.report.names import day
from sharedline.web.access import See
from sharedline.web.app import Nav
from sharedline.web.pages.gaps import shown
from sharedline.web.render import page
from sharedline.web.views.looking import Look, look, points

router = APIRouter()
NAV = Nav("Flow", "/flow", Action.SEE, 40)

#: Rows that changed, as many as are shown here.
ROWS = 15
_CHANGES = frozenset({"new", "worse", "lost", "fixed"})


@router.get("/flow", response_class=HTMLResponse)
def flow(request: Request, person: See) -> HTMLResponse:
    """The newest scan, and the trend over those before."""
    with look(request, person) as seen:
        context = seen.kept("flow", lambda: _context(seen))
    return page(request, "flow/flow.html", title="Flow", **context)


def _context(seen: Look) -> dict[str, Any]:
    filters = Filters(rows="all", change=_CHANGES, size=ROWS)
    drawn = browse.flow(seen.index, seen.scope, seen.live)
    told = points(seen)
    trend = browse.burn_down(told)
    changed = browse.changed(seen.index, seen.scope)
    found = seen.page(filters) if changed else None
    labels = [day(p.as_of) for p, _, _ in trend]
    series = {
        "nobody’s": [a.n for _, a, _ in trend],
        "all": [b.n for _, _, b in trend],
    }
    return {
        "drawn": charts.flow(
            "flow", "Findings, by side, by owner, by where they stand", drawn, "/gaps"
        ),
        "nodes": drawn.nodes,
        "burn": charts.line("burn", "Gaps without an owner, by scan", labels, series),
        "trend": trend,
        "pace": browse.pace(told),
        "changed": changed,
        "rows": shown(seen, found.rows) if found else [],
        "total": found.total if found else 0,
        "every": f"/gaps?{filters.but(size=50).query()}",
        "as_of": seen.as_of,
    }
