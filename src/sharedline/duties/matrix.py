"""The responsibility matrix: one cell per service x duty, and the gaps that its cells show."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Protocol

from sharedline.collect.table import Type
from sharedline.duties import inuse, owners, side
from sharedline.duties.catalogue import ALL, NOT_REVIEWED, Catalogue
from sharedline.inventory import literals
from sharedline.inventory.engines import Duck
from sharedline.model import NOBODY, Attestation, Line, Side, Status

if TYPE_CHECKING:
    from sharedline.project import Project

#: Who owns a duty that is wholly AWS's.
AWS_OWNS = "AWS"
SEVERAL = "several"
NO_REPORT = "no report on file"

CELL: Mapping[str, Type] = {
    "service": "string",
    "service_name": "string",
    "duty": "string",
    "area": "string",
    "status": "string",
    "owner": "string",
    "aws": "string",
    "customer": "string",
    "source": "string",
    "resources": "int",
    "detail": "json",
}
_COUNTED = tuple(s.value for s in Side)


class Evaluated(Protocol):
    """What the matrix needs of an assessment."""

    duck: Duck
    project: Project
    ou_paths: dict[str, str]
    draft: Any

    def register(self, name: str, engine: Any = None) -> None: ...


@dataclass
class Cell:
    """One service x duty; `sides` and `owners` count resources, `findings` answers by status."""

    service: str
    duty: str
    sides: Counter[str] = field(default_factory=Counter)
    owners: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    lines: Counter[int] = field(default_factory=Counter)
    severity: str = ""
    attested: bool = False
    reviewed: bool = True

    @property
    def status(self) -> Status:
        """Worst first: nothing unmet or unknown is ever covered by something met."""
        mine = self.sides["customer"] + self.sides["shared"] + self.sides["unknown"]
        if self.findings["unmet"]:
            return Status.UNMET
        if self.findings["unknown"]:
            return Status.UNKNOWN
        if self.findings["waived"]:
            return Status.WAIVED
        if self.sides["unknown"]:
            return Status.UNKNOWN
        if self.findings["met"]:
            return Status.MET
        if not mine and self.sides["aws"]:
            return Status.INHERITED
        return Status.MET if self.attested else Status.UNVERIFIED

    @property
    def owner(self) -> str:
        """The one owner; `several` where resources differ, nobody where no rule names one."""
        named = [o for o, n in self.owners.items() if n]
        if not named:
            return AWS_OWNS if self.status is Status.INHERITED else NOBODY
        return named[0] if len(named) == 1 else SEVERAL


def _count_rows(
    work: Evaluated,
    cat: Catalogue,
    register: owners.Owners,
    service: str,
    tables: list[str],
    cells: dict[tuple[str, str], Cell],
) -> None:
    """Counts each duty's resources by line and owner, one query per table."""
    drawn = side.lines_of(cat, service)
    for name in tables:
        work.register(name, work.duck)
        _count(work, register, service, drawn, inuse.of_table(name), cells)


def _count(
    work: Evaluated,
    register: owners.Owners,
    service: str,
    drawn: Mapping[str, side.Drawn],
    base: inuse.Base,
    cells: dict[tuple[str, str], Cell],
) -> None:
    """Counts the rows of `base` for all duties of a service at once: planning is most of the cost."""
    parts = []
    for duty, lines in drawn.items():
        index = side.index_sql(lines.lines, base.table, "r")
        owner = owners.owner_sql(register, owners.Scope(service, duty, work.ou_paths))
        parts.append(
            f"select {literals.text(duty)} as duty, {index} as line, {owner} as owner, "
            f"count(*) as n from base r group by all"
        )
    sql = f"with base as ({base.sql}) {' union all '.join(parts)}"
    for row in work.duck.query(sql).to_pylist() if parts else ():
        if row["line"] == side.NO_LINE:
            continue
        lines = drawn[row["duty"]]
        cell = cells.setdefault((service, row["duty"]), Cell(service, row["duty"]))
        where = side.side_of_index(lines.lines, row["line"])
        assert where is not None
        cell.reviewed = lines.reviewed
        cell.sides[where.value] += row["n"]
        cell.lines[row["line"]] += row["n"]
        if where is not Side.AWS:
            cell.owners[row["owner"]] += row["n"]


def _count_findings(work: Evaluated, cells: dict[tuple[str, str], Cell]) -> None:
    sql = (
        "select service, duty, status, side, owner, count(*) as n, min(case severity "
        "when 'critical' then 0 when 'high' then 1 when 'medium' then 2 else 3 end) as worst "
        "from finding group by all"
    )
    names = ("critical", "high", "medium", "low")
    for row in work.duck.query(sql).to_pylist():
        key = (row["service"], row["duty"])
        new = key not in cells
        cell = cells.setdefault(key, Cell(*key))
        if new or not cell.sides:
            cell.reviewed = False if new else cell.reviewed
        cell.findings[row["status"]] += row["n"]
        if row["owner"] and not cell.sides:
            cell.owners[row["owner"]] += row["n"]
        if row["status"] == "unmet":
            worst = names[row["worst"]]
            if not cell.severity or names.index(worst) < names.index(cell.severity):
                cell.severity = worst


def _long_tail(
    work: Evaluated,
    cat: Catalogue,
    register: owners.Owners,
    used: Iterable[str],
    cells: dict[tuple[str, str], Cell],
) -> None:
    """Services that only the long tail shows: their duties from the line file or the category."""
    union = inuse.tail_sql(work)
    if not union:
        return
    listed = literals.listed(used)
    found = work.duck.query(
        f"select distinct service from ({union}) where service not in ({listed})"
    ).to_pylist()
    for entry in found:
        service = entry["service"]
        lines = side.lines_of(cat, service)
        _count(work, register, service, lines, inuse.of_tail(union, service), cells)


def _attested(cell: Cell, attestations: Iterable[Attestation], as_of: datetime) -> bool:
    """Whether an attestation in force covers the whole cell: the duty anywhere, or this service."""
    return any(
        a.duty == cell.duty and a.at <= as_of < a.expires and a.scope in ("*", cell.service)
        for a in attestations
    )


def cells(work: Evaluated, attestations: list[Attestation]) -> list[Cell]:
    """All cells of a scan, by service then duty in the catalogue's order."""
    from sharedline.duties.catalogue import load

    cat = load()
    register = owners.load(work.project.owners)
    found: dict[tuple[str, str], Cell] = {}
    in_scan = inuse.tables_in_scan(work, cat)
    for service, tables in in_scan.items():
        _count_rows(work, cat, register, service, tables, found)
    _long_tail(work, cat, register, in_scan, found)
    _count_findings(work, found)
    for cell in found.values():
        cell.attested = _attested(cell, attestations, work.draft.as_of)
        if not cell.sides:
            lines = side.line_for(cat, cell.service, cell.duty)
            cell.reviewed = lines.reviewed
            cell.lines[len(lines.lines) - 1] += 0
    order = {duty: n for n, duty in enumerate(cat.duties)}
    return sorted(found.values(), key=lambda c: (c.service, order.get(c.duty, 99)))


def as_lines(
    drawn: side.Drawn, counts: Mapping[int, int], main: Line | None = None
) -> list[dict[str, Any]]:
    """The lines that resources fall under, by position in `counts`, and the main one."""
    return [
        {
            "side": line.side.value,
            "when": line.when,
            "table": line.table,
            "aws": line.aws,
            "customer": line.you,
            "source": drawn.source(line),
            "read": line.read.isoformat(),
            "resources": counts.get(i, 0),
        }
        for i, line in enumerate(drawn.lines)
        if counts.get(i) or line is main
    ]


def as_row(cell: Cell) -> dict[str, Any]:
    """A cell as stored: texts of the line most resources fall under, the rest as detail."""
    from sharedline.duties.catalogue import load

    cat = load()
    drawn = side.line_for(cat, cell.service, cell.duty)
    counted = [(n, i) for i, n in cell.lines.items() if i >= 0]
    main = drawn.lines[max(counted)[1]] if counted else drawn.lines[-1]
    detail = {
        "sides": {name: cell.sides[name] for name in _COUNTED},
        "usual_side": main.side.value,
        "owners": dict(sorted(cell.owners.items())),
        "findings": {s: cell.findings[s] for s in ("met", "unmet", "unknown", "waived")},
        "severity": cell.severity,
        "lines": as_lines(drawn, cell.lines, main),
        "evidence": NO_REPORT if cell.status is Status.INHERITED else "",
    }
    return {
        "service": cell.service,
        "service_name": cat.name_of(cell.service),
        "duty": cell.duty,
        "area": cat.duties[cell.duty].area,
        "status": cell.status.value,
        "owner": cell.owner,
        "aws": main.aws,
        "customer": main.you,
        "source": main.source if drawn.reviewed else NOT_REVIEWED,
        "resources": sum(cell.sides.values()),
        "detail": json.dumps(detail, ensure_ascii=False),
    }


def scope_matches(scope: str, *, service: str, account: str, resource: str) -> bool:
    """Whether an attestation's scope covers a resource."""
    return scope in ("*", service, account) or fnmatchcase(resource, scope)


__all__ = ["ALL", "CELL", "Cell", "as_lines", "as_row", "cells", "scope_matches"]
