"""The page for executives: few numbers, each with the query that opens its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sharedline.browse.filters import Filters
from sharedline.browse.flow import Number, Pace, burn_down, changed, pace
from sharedline.browse.gaps import EVERYTHING, facets, total
from sharedline.browse.history import Point
from sharedline.browse.index import Index
from sharedline.browse.live import Live
from sharedline.browse.matrix import tallies
from sharedline.duties.catalogue import load as load_duties
from sharedline.model import NOBODY, SEVERITIES
from sharedline.people.model import Scope
from sharedline.report.findings import Tally

WORST = 5


@dataclass(frozen=True)
class Worst:
    """One of the gravest unmet checks, with whose its rows are, most of them first."""

    check: Tally
    unmet: Number
    owners: Sequence[Number]


@dataclass(frozen=True)
class Summary:
    """What the page shows."""

    scan: str
    as_of: datetime
    accounts: int
    incomplete: bool
    #: Findings by status, unmet gaps by severity.
    statuses: Sequence[Number]
    severities: Sequence[Number]
    worst: Sequence[Worst]
    #: Duties that nobody owns on some resource, most services first; and gaps that nobody owns.
    unowned_duties: Sequence[Number]
    unowned: Number
    trend: Sequence[tuple[Point, Number, Number]]
    pace: Pace
    changed: Sequence[Number]


def summary(
    index: Index, points: Sequence[Point], scope: Scope = EVERYTHING, live: Live | None = None
) -> Summary:
    """The page of a scan; `points` are `History.points` of the same scope up to it."""
    every = facets(index, Filters(rows="all"), scope, live)
    told = {value: n for value, n, _ in every["status"].values}
    unmet = Filters().but(status="unmet")
    graves = {v: n for v, n, _ in facets(index, unmet, scope, live)["severity"].values}
    nobody = Filters().but(owned="no")
    return Summary(
        scan=index.manifest.id,
        as_of=index.as_of,
        accounts=len(index.manifest.accounts if scope.everything else scope.accounts or ()),
        incomplete=index.manifest.incomplete,
        statuses=[
            Number(s, told.get(s, 0), Filters(rows="all").but(status=s).query())
            for s in ("unmet", "unknown", "waived", "met")
        ],
        severities=[Number(s, graves.get(s, 0), unmet.but(severity=s).query()) for s in SEVERITIES],
        worst=_worst(index, scope, live),
        unowned_duties=_unowned_duties(index, scope, live),
        unowned=Number("owned by nobody", total(index, nobody, scope, live), nobody.query()),
        trend=burn_down(points),
        pace=pace(points),
        changed=changed(index, scope),
    )


def _worst(index: Index, scope: Scope, live: Live | None) -> list[Worst]:
    """The gravest unmet checks: those of which somebody's or nobody's rows fail most."""
    out = []
    for one in [t for t in tallies(index, scope) if t.counts["unmet"]][:WORST]:
        here = Filters(rows="all").but(status="unmet", check=one.id, duty=one.duty,
                                       service=one.service, severity=one.severity)  # fmt: skip
        owners = facets(index, here, scope, live)["owner"].values
        ranked = sorted(owners, key=lambda o: (o[0] != NOBODY, -o[1], o[0]))
        whose = [Number(o, n, here.but(owner=o).query()) for o, n, _ in ranked if n]
        out.append(Worst(one, Number("unmet", one.counts["unmet"], here.query()), whose))
    return out


def _unowned_duties(index: Index, scope: Scope, live: Live | None) -> list[Number]:
    """Duties of which whole cells lack an owner: so many services each."""
    here = Filters().but(status="unowned")
    found = facets(index, here, scope, live)["duty"].values
    duties = load_duties().duties
    return [
        Number(duties[d].title if d in duties else d, n, here.but(duty=d).query())
        for d, n, _ in found
        if n
    ]
