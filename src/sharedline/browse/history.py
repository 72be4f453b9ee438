"""What is kept of each scan so that many can be drawn at once: a few numbers by account and owner."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sharedline.browse.filters import Filters
from sharedline.browse.index import FOLDER, before_of, key_of, locked
from sharedline.checks.engine import FINDING
from sharedline.files import write_whole
from sharedline.inventory import literals
from sharedline.inventory.engines import Duck
from sharedline.inventory.lake import Lake, Manifest
from sharedline.model import NOBODY
from sharedline.people.model import Scope
from sharedline.project import Project
from sharedline.state import Claim

#: So many of the newest scans are drawn.
SCANS = 30
#: Points of so many scans and scopes are kept in memory.
KEPT = 5_000
_GAP = "n.status in ('unmet', 'unknown') and n.side <> 'aws'"
_NOBODY = literals.text(NOBODY)
#: What is counted, as SQL over a finding `n` and the same finding `w` of the scan before.
COUNTED: Mapping[str, str] = {
    "met": "n.status = 'met'",
    "unmet": "n.status = 'unmet'",
    "unknown": "n.status = 'unknown'",
    "waived": "n.status = 'waived'",
    "gaps": _GAP,
    "unowned": f"{_GAP} and n.owner = {_NOBODY}",
    "critical": f"{_GAP} and n.severity = 'critical'",
    "high": f"{_GAP} and n.severity = 'high'",
    "claimed": "n.life = 'claimed'",
    "verified": "n.life = 'verified'",
    "claims_verified": "c.check_id is not null and n.status = 'met'",
    "claims_refused": "c.check_id is not null and n.status = 'unmet'",
    "owned_now": f"w.owner = {_NOBODY} and w.status = 'unmet' and n.owner <> {_NOBODY}",
}
#: The filters that show a number's rows; of the others there are none.
_SHOWN: Mapping[str, Filters] = {
    **{
        s: Filters(rows="all", status=frozenset({s})) for s in ("met", "unmet", "unknown", "waived")
    },
    **{s: Filters(rows="all", life=frozenset({s})) for s in ("claimed", "verified")},
    "gaps": Filters(status=frozenset({"unmet", "unknown"})),
    "unowned": Filters(status=frozenset({"unmet", "unknown"}), owned=frozenset({"no"})),
    **{
        s: Filters(status=frozenset({"unmet", "unknown"}), severity=frozenset({s}))
        for s in ("critical", "high")
    },
}


@dataclass(frozen=True)
class Point:
    """One scan's numbers within a scope: those of `COUNTED`, and days that gaps were without owner."""

    scan: str
    as_of: datetime
    counts: Mapping[str, int]
    #: How many gaps were owned at last after so many days, since the scan before.
    days: Mapping[int, int] = field(default_factory=dict)

    def query(self, name: str) -> str:
        """The query that opens a number's rows; empty where they are no rows of this scan."""
        return _SHOWN[name].but(scan=self.scan).query() if name in _SHOWN else ""


class History:
    """The points of a project's scans; what is kept of each is made once and read once."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._read: dict[str, dict[str, Any]] = {}
        self._points: dict[Any, Point] = {}

    def points(
        self,
        scope: Scope,
        scans: Sequence[Manifest] | None = None,
        claims: Iterable[Claim] = (),
        until: str = "",
        most: int = SCANS,
    ) -> list[Point]:
        """The newest scans, oldest first, up to the scan `until` where it is given.

        `claims` are all that people made: each is answered by the first scan after it. A scan whose
        numbers are not kept yet is read whole, which takes seconds for a million findings.
        """
        lake = Lake(self.project.lake_url)
        listed = lake.scans() if scans is None else list(scans)
        made = list(claims)
        chosen = listed
        if until:
            ids = [m.id for m in listed]
            chosen = listed[: ids.index(until) + 1] if until in ids else listed
        told = [self._told(lake, m, before_of(listed, m), made) for m in chosen[-most:]]
        return [self._point(one, scope) for one in told]

    def _point(self, told: Mapping[str, Any], scope: Scope) -> Point:
        key = (told["scan"], id(told), scope)
        if key not in self._points:
            if len(self._points) > KEPT:
                self._points.clear()
            self._points[key] = _point(told, scope)
        return self._points[key]

    def _told(
        self, lake: Lake, manifest: Manifest, before: Manifest | None, claims: list[Claim]
    ) -> dict[str, Any]:
        key = f"{manifest.id}.{key_of(self.project, manifest, before)}"
        if key in self._read:
            return self._read[key]
        path = self.project.folder / FOLDER / f"{key}.json"
        told = _load(path)
        if told is None:
            with locked(path.parent):
                told = _load(path)
                if told is None:
                    told = summarise(lake, manifest, before, claims)
                    write_whole(path, json.dumps(told).encode())
        self._read[key] = told
        return told


def _load(path: Path) -> dict[str, Any] | None:
    """What is kept; None where it is not there, of another version or damaged."""
    with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
        told: dict[str, Any] = json.loads(path.read_bytes())
        if told["names"] == list(COUNTED):
            _point(told, Scope())  # fails where a part of it is not what was written
            return told
    return None


def summarise(
    lake: Lake, manifest: Manifest, before: Manifest | None, claims: Iterable[Claim]
) -> dict[str, Any]:
    """What is kept of a scan: [account, owner, numbers…] and [account, owner, days, gaps]."""
    since = before.as_of if before else None
    asked = {
        (c.check, c.resource)
        for c in claims
        if c.at <= manifest.as_of and (since is None or c.at > since)
    }
    duck = Duck(lake, memory="800MB")
    try:
        for name, one in (("n", manifest), ("w", before)):
            paths = lake.files(one, "findings", "finding") if one else []
            duck.files(name, paths, FINDING)
        rows = [{"check_id": c, "resource": r} for c, r in sorted(asked)]
        duck.rows("c", rows, {"check_id": "string", "resource": "string"})
        joined = (
            "from n left join w using (check_id, resource, account_id) "
            "left join c using (check_id, resource)"
        )
        told = ", ".join(f"count(*) filter ({sql}) as {name}" for name, sql in COUNTED.items())
        by = "coalesce(account_id, '') as account, n.owner as owner"
        counted = duck.query(f"select {by}, {told} {joined} group by all order by all")
        days = (
            f"greatest(0, floor((epoch({literals.moment(manifest.as_of)}) "
            "- epoch(w.since)) / 86400))"
        )
        waited = duck.query(
            f"select {by}, {days}::int as days, count(*) as gaps {joined} "
            f"where {COUNTED['owned_now']} and w.since is not null group by all order by all"
        )
        return {
            "scan": manifest.id,
            "as_of": manifest.as_of.isoformat(),
            "names": list(COUNTED),
            "rows": [list(r.values()) for r in counted.to_pylist()],
            "days": [list(r.values()) for r in waited.to_pylist()],
        }
    finally:
        duck.close()


def _point(told: Mapping[str, Any], scope: Scope) -> Point:
    counts = [0] * len(COUNTED)
    for account, owner, *numbers in told["rows"]:
        if scope.covers(account, owner):
            counts = [a + b for a, b in zip(counts, numbers, strict=True)]
    days: Counter[int] = Counter()
    for account, owner, day, gaps in told["days"]:
        if scope.covers(account, owner):
            days[day] += gaps
    as_of = datetime.fromisoformat(told["as_of"])
    return Point(told["scan"], as_of, dict(zip(COUNTED, counts, strict=True)), days)
