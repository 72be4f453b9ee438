"""Reads a finished scan: findings, the matrix, gaps, a resource, what changed between scans."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from operator import itemgetter
from typing import Any

from sharedline.checks.engine import FINDING
from sharedline.checks.load import load as load_checks
from sharedline.duties.matrix import CELL
from sharedline.inventory.engines import Duck
from sharedline.inventory.lake import Lake, Manifest
from sharedline.model import NOBODY, Check, Finding, Life, Side, Status
from sharedline.project import Project

_WORST = "case severity when 'critical' then 0 when 'high' then 1 when 'medium' then 2 else 3 end"


class Results:
    """Queries over one scan's findings and cells."""

    def __init__(self, lake: Lake, manifest: Manifest, project: Project) -> None:
        self.lake, self.manifest, self.project = lake, manifest, project
        self._duck: Duck | None = None
        self._checks: dict[str, Check] | None = None
        #: What proves AWS's duties, by the duty, where reports of AWS are on file.
        self.inherited: Callable[[str], str] | None = None
        #: Tables of the scan that `duck` knows.
        self.registered: set[str] = set()

    @property
    def duck(self) -> Duck:
        """DuckDB with `finding` and `cell` registered."""
        if self._duck is None:
            self._duck = Duck(self.lake)
            for name, columns in (("finding", FINDING), ("cell", CELL)):
                self._duck.files(name, self.lake.files(self.manifest, "findings", name), columns)
        return self._duck

    @property
    def checks(self) -> Mapping[str, Check]:
        """The checks by id."""
        if self._checks is None:
            self._checks = load_checks((), self.project.checks)
        return self._checks

    def rows(self, where: str = "true", order: str = "check_id, resource") -> list[dict[str, Any]]:
        """Findings as stored."""
        sql = f"select * from finding where {where} order by {order}"
        return list(self.duck.query(sql).to_pylist())

    def findings(self, where: str = "true") -> Iterator[Finding]:
        """Findings as values, with the controls of their checks."""
        for row in self.rows(where):
            yield self.finding(row)

    def finding(self, row: Mapping[str, Any]) -> Finding:
        """A stored row as a value."""
        check = self.checks.get(row["check_id"])
        return Finding(
            check=row["check_id"],
            resource=row["resource"],
            ok=row["ok"],
            reason=row["reason"],
            duty=row["duty"],
            severity=row["severity"],
            side=Side(row["side"]),
            owner=row["owner"],
            status=row["status"],
            life=Life(row["life"] or ""),
            account_id=row["account_id"] or "",
            region=row["region"] or "",
            service=row["service"],
            since=row["since"],
            controls=check.controls if check else {},
            denied_call=row["denied_call"] or "",
            grant=row["grant_action"] or "",
        )

    def services(self) -> frozenset[str]:
        """The services in use: those with a resource in the matrix."""
        rows = self.duck.query("select distinct service from cell where resources > 0")
        return frozenset(row["service"] for row in rows.to_pylist())

    def cells(self) -> list[dict[str, Any]]:
        """The matrix in the machine format: one mapping per service x duty."""
        out = []
        for row in self.duck.query("select * from cell").to_pylist():
            detail = json.loads(row.pop("detail"))
            sides = detail.pop("sides")
            if row["status"] == Status.INHERITED and self.inherited:
                detail["evidence"] = self.inherited(row["duty"])
            out.append({**row, "sides": sides, **detail})
        return out

    def gaps(self, owner: str = "") -> list[dict[str, Any]]:
        """Customer and shared duties unmet, unknown, unowned or unverified, worst first."""
        where = "status in ('unmet', 'unknown') and side <> 'aws'"
        found = [
            {
                "duty": r["duty"],
                "service": r["service"],
                "resource": r["resource"],
                "side": r["side"],
                "owner": r["owner"],
                "status": r["status"],
                "severity": r["severity"],
                "check": r["check_id"],
                "reason": r["reason"],
                "since": _iso(r["since"]),
                "life": r["life"],
                "account": r["account_id"],
                "region": r["region"],
                "denied_call": r["denied_call"] or "",
                "grant": r["grant_action"] or "",
            }
            for r in self.rows(where, f"status desc, {_WORST}, duty, check_id, resource")
        ]
        found += self._cell_gaps()
        return [g for g in found if not owner or g["owner"] == owner]

    def _cell_gaps(self) -> list[dict[str, Any]]:
        """What whole cells lack: somebody who owns the duty, anything that verifies it."""
        out = []
        since = _iso(self.manifest.as_of)
        for cell in self.cells():
            if cell["status"] == "inherited":
                continue
            base = {
                "duty": cell["duty"],
                "service": cell["service"],
                "resource": f"{cell['service']}/*",
                "side": _side(cell["sides"], cell["usual_side"]),
                "severity": "low",
                "check": "",
                "since": since,
                "life": "open",
                "account": "",
                "region": "",
                "denied_call": "",
                "grant": "",
            }
            count = cell["resources"]
            nobody = cell["owners"].get(NOBODY, 0)
            if cell["status"] == "unverified":
                out.append(
                    {
                        **base,
                        "owner": cell["owner"],
                        "status": "unverified",
                        "reason": f"No check covers this duty and nobody attests it "
                        f"({count} resources).",
                    }
                )
            if nobody:
                out.append(
                    {
                        **base,
                        "owner": NOBODY,
                        "status": "unowned",
                        "severity": "medium",
                        "reason": f"Nobody owns this duty on {nobody} of {count} resources.",
                    }
                )
        return out

    def worst(self, limit: int) -> list[dict[str, Any]]:
        """The gravest unmet checks: how many rows fail, and whose they are, nobody's first."""
        sql = (
            f"select check_id as check, severity, count(*) as n, list(distinct owner) as owners "
            f"from finding where status = 'unmet' group by all "
            f"order by min({_WORST}), bool_or(owner = '{NOBODY}') desc, n desc, check_id limit {limit}"
        )
        rows = self.duck.query(sql).to_pylist()
        for row in rows:
            check = self.checks.get(row["check"])
            row["title"] = check.title if check else row["check"]
            row["owners"] = ", ".join(sorted(row["owners"], key=lambda o: (o != NOBODY, o)))
        return list(rows)

    def severities(self) -> dict[str, int]:
        """Unmet findings by severity."""
        sql = "select severity, count(*) as n from finding where status = 'unmet' group by all"
        return {r["severity"]: r["n"] for r in self.duck.query(sql).to_pylist()}

    def counts(self) -> dict[str, int]:
        """Findings by status."""
        sql = "select status, count(*) as n from finding group by all"
        return {r["status"]: r["n"] for r in self.duck.query(sql).to_pylist()}


def _iso(moment: Any) -> str:
    return moment.isoformat().replace("+00:00", "Z") if moment is not None else ""


def _side(sides: Mapping[str, int], usual: str) -> str:
    counted = [(n, s) for s, n in sides.items() if n and s != "aws"]
    return max(counted)[1] if counted else usual


def changes(old: Results, new: Results) -> list[dict[str, Any]]:
    """Findings whose answer differs between two scans: new, fixed, lost from sight, gone."""
    key_of = itemgetter("check_id", "resource", "account_id")
    before = {key_of(r): r for r in old.rows()}
    after = {key_of(r): r for r in new.rows()}
    out = []
    for key in sorted({*before, *after}):
        was = before[key]["status"] if key in before else "absent"
        now = after[key]["status"] if key in after else "absent"
        if was == now:
            continue
        row = after.get(key) or before[key]
        out.append(
            {
                "check": key[0],
                "resource": key[1],
                "was": was,
                "now": now,
                "duty": row["duty"],
                "severity": row["severity"],
                "owner": row["owner"],
                "reason": row["reason"],
            }
        )
    return out
