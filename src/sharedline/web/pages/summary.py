"""The page for executives: few numbers, each a link to its rows; it prints on one sheet of A4."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from sharedline.browse import charts
from sharedline.browse.filters import Filters
from sharedline.browse.flow import Number
from sharedline.browse.summary import summary as numbers
from sharedline.people.model import Action
from sharedline.report.names import day
from sharedline.state.tables import EXERCISE_RUN
from sharedline.web.access import SeeAll
from sharedline.web.app import Nav
from sharedline.web.render import page
from sharedline.web.site import Site, site_of
from sharedline.web.views.looking import Look, look, points

router = APIRouter()
NAV = Nav("Summary", "/summary", Action.SEE_ALL, 10)

#: Exercises that are named.
_LAST = 3


def _exercises(site: Site) -> list[dict[str, Any]]:
    """The last exercises: {id, title, created, status}."""
    newest = sa.select(EXERCISE_RUN).order_by(EXERCISE_RUN.c.created.desc()).limit(_LAST)
    with site.database.read() as connection:
        return [
            {"id": r.id, "title": r.title, "created": r.created, "status": r.status}
            for r in connection.execute(newest)
        ]


@router.get("/summary", response_class=HTMLResponse)
def summary(request: Request, person: SeeAll) -> HTMLResponse:
    """What an executive reads first."""
    with look(request, person) as seen:
        context = seen.kept("summary", lambda: _context(seen))
    # Exercises come and go without any finding being touched.
    exercises = _exercises(site_of(request))
    return page(
        request, "summary/summary.html", title="Summary", exercises=exercises, **context
    )  # fmt: skip


def _context(seen: Look) -> dict[str, Any]:
    found = numbers(seen.index, points(seen), seen.scope, seen.live)
    trend = charts.line(
        "trend", "Unmet and unknown findings, by scan", [day(p.as_of) for p, _, _ in found.trend],
        {"nobody’s": [a.n for _, a, _ in found.trend], "all": [b.n for _, _, b in found.trend]},
    )  # fmt: skip
    # Those on the customer's side: the sum of the severities that stand beside it.
    unmet = Number(
        "unmet", sum(s.n for s in found.severities), Filters().but(status="unmet").query()
    )
    return {
        "found": found,
        "counts": {n.label: n for n in found.statuses} | {"unmet": unmet},
        "drawn": trend,
        "failures": len(seen.index.manifest.failures),
    }
