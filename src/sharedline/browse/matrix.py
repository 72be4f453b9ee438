"""The matrix within a scope, and everything about one of its cells."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sharedline.browse.base import listed, scope_sql
from sharedline.browse.fields import FIXED, OF_KIND
from sharedline.browse.filters import SIZE, Filters
from sharedline.browse.flow import Number
from sharedline.browse.gaps import EVERYTHING
from sharedline.browse.index import Index
from sharedline.browse.rows import rows_of
from sharedline.browse.standing import Asked, Standing, standing
from sharedline.duties.catalogue import load as load_duties
from sharedline.duties.matrix import Cell, as_lines
from sharedline.duties.side import lines_of
from sharedline.errors import Error
from sharedline.model import SEVERITIES
from sharedline.people.model import Scope
from sharedline.report import heat
from sharedline.report.findings import Tally

#: Statuses that a check answers; the others are of whole cells.
_ANSWERS = ("met", "unmet", "unknown", "waived")


def board(index: Index, scope: Scope = EVERYTHING) -> heat.Board:
    """Services by duties; for a limited scope counted again from the rows in it."""
    made: heat.Board = index.kept(("board", scope), lambda: _board(index, scope), weight=5_000)
    return made


def _board(index: Index, scope: Scope) -> heat.Board:
    cells = index.meta["cells"] if scope.everything else _recounted(index, scope)
    with index.reading:
        made = heat.board(index.results, cells, tallies(index, scope))
    if scope.everything:
        return made
    rows = [
        dataclasses.replace(row, cells=[_seen(view, scope) for view in row.cells])
        for row in made.rows
    ]
    return dataclasses.replace(made, rows=rows)


def _seen(view: heat.View | None, scope: Scope) -> heat.View | None:
    """A cell with the statements that speak of the scope."""
    if view is None:
        return None
    kept = [a for a in view.attestations if _speaks(a["scope"], view.cell["service"], scope)]
    return dataclasses.replace(view, attestations=kept)


def _speaks(said: str, service: str, scope: Scope) -> bool:
    accounts = scope.accounts or frozenset()
    return said in ("*", service) or said in accounts or any(f":{a}:" in said for a in accounts)


def _by_kind(index: Index, scope: Scope) -> list[tuple[Any, ...]]:
    base = index.bases.of(index, scope, "")
    if base.whole:
        return index.answer("select kind, status, sum(n)::bigint from cube_kind where sec < 2 "
                            "group by all")  # fmt: skip
    return index.answer(
        f"select kind, status, count(*) from {base.table} where sec < 2 group by all"
    )


def tallies(index: Index, scope: Scope = EVERYTHING) -> list[Tally]:
    """Each check's answers by status within the scope, worst first, without rows."""
    made: list[Tally] = index.kept(("tallies", scope), lambda: _tallies(index, scope))
    return made


def _tallies(index: Index, scope: Scope) -> list[Tally]:
    checks = index.results.checks
    found: dict[int, Tally] = {}
    for code, status, n in _by_kind(index, scope):
        kind = index.words.kinds[code]
        if not kind.check:
            continue
        check = checks.get(kind.check)
        one = found.setdefault(
            code,
            Tally(kind.check, check.title if check else kind.check, kind.severity, kind.duty,
                  kind.service, check),
        )  # fmt: skip
        one.counts[FIXED["status"][status]] += n
    return sorted(
        found.values(),
        key=lambda t: (
            SEVERITIES.index(t.severity) if t.severity in SEVERITIES else 9,
            -t.counts["unmet"],
            -t.counts["unknown"],
            t.id,
        ),
    )


def _recounted(index: Index, scope: Scope) -> list[dict[str, Any]]:
    """The cells of a limited scope: sides and owners count the resources that its rows name."""
    rows = index.answer(
        "select kind, side, owner, status, count(*), count(distinct res) from r "
        f"where sec < 2 and {scope_sql(index, scope)} group by all"
    )
    counted: dict[tuple[str, str], Cell] = {}
    seen = index.answer(
        "select k.service, k.duty, r.side, r.owner, count(distinct res) from r join kind k "
        f"on k.code = r.kind where sec < 2 and {scope_sql(index, scope)} group by all"
    )
    for service, duty, side, owner, n in seen:
        cell = counted.setdefault((service, duty), Cell(service, duty))
        word = FIXED["side"][side]
        cell.sides[word] += n
        if word != "aws":
            cell.owners[index.words.places["owner"][owner]] += n
    for code, _, _, status, n, _ in rows:
        kind, word = index.words.kinds[code], FIXED["status"][status]
        cell = counted[kind.service, kind.duty]
        if word not in _ANSWERS:
            continue
        cell.findings[word] += n
        worse = not cell.severity or SEVERITIES.index(kind.severity) < SEVERITIES.index(
            cell.severity
        )
        if word == "unmet" and worse:
            cell.severity = kind.severity
    whole = {(c["service"], c["duty"]): c for c in index.meta["cells"]}
    order = {duty: n for n, duty in enumerate(load_duties().duties)}
    keys = sorted((k for k in counted if k in whole), key=lambda k: (k[0], order.get(k[1], 99)))
    return [_limited(counted[k], whole[k]) for k in keys]


def _limited(cell: Cell, whole: Mapping[str, Any]) -> dict[str, Any]:
    """A recounted cell with the texts of the whole one, without that one's numbers."""
    sides = {s: cell.sides[s] for s in whole["sides"]}
    usual = max(((n, s) for s, n in sides.items() if n), default=(0, whole["usual_side"]))[1]
    lines = [
        {**line, "resources": sides.get(line["side"], 0)}
        for line in whole["lines"]
        if sides.get(line["side"])
    ]
    first = lines[0] if lines else whole
    return {
        **{k: whole[k] for k in ("service", "service_name", "duty", "area", "source")},
        "aws": first["aws"],
        "customer": first["customer"],
        "status": cell.status.value,
        "owner": cell.owner,
        "resources": sum(sides.values()),
        "sides": sides,
        "usual_side": usual,
        "owners": dict(sorted(cell.owners.items())),
        "findings": {s: cell.findings[s] for s in ("met", "unmet", "unknown", "waived")},
        "severity": cell.severity,
        "lines": lines,
        "evidence": whole["evidence"],
    }


@dataclass(frozen=True)
class CellPage:
    """A cell as `heat.View` has it, its numbers with their queries, and a page of its resources."""

    view: heat.View
    findings: Sequence[Number]
    owners: Sequence[Number]
    checks: Sequence[tuple[Tally, str]]
    #: {resource, side, owner, account, region, rows, unmet, unknown}, worst first.
    resources: Sequence[Mapping[str, Any]]
    total: int
    pages: int
    #: How many resources the list has on each side, whatever side is asked for.
    sides: Mapping[str, int]
    #: False where the inventory holds none of them: the list is of those with findings.
    whole: bool
    #: False where the lines or the trail changed since the scan was judged, so that counts differ.
    same: bool


def cell(
    index: Index, service: str, duty: str, scope: Scope = EVERYTHING, page: int = 1,
    size: int = SIZE, side: str = "",
) -> CellPage:  # fmt: skip
    """Everything about one service x duty; `Error` where there is none in the scope.

    `side` keeps the resources on one side of the line. To a limited scope the cell's resources are
    counted in the inventory; where that holds none, those are listed of which a check says anything.
    """
    views = (v for row in board(index, scope).rows if row.service == service for v in row.cells)
    view = next((v for v in views if v is not None and v.duty.id == duty), None)
    if view is None:
        raise Error(f"There is no cell {service[:80]} × {duty[:80]}.", "See the matrix.")
    here = Filters(rows="all").but(service=service, duty=duty)
    found = standing(index, service, duty, scope, Asked(page, size, side))
    resources: Sequence[Mapping[str, Any]]
    if found is None:
        resources, total = _resources(index, here, scope, (page, size), side)
        sides = view.cell["sides"]
    else:
        resources, total, sides = found.rows, found.total, found.sides
        if not scope.everything:
            view = _counted(view, found)
    return CellPage(
        view,
        [Number(s, n, here.but(status=s).query()) for s, n in view.cell["findings"].items() if n],
        [Number(o, n, here.but(owner=o).query()) for o, n in view.cell["owners"].items() if n],
        [(t, here.but(check=t.id).query()) for t in view.checks],
        resources,
        total,
        max(1, -(-total // size)),
        sides,
        whole=found is not None,
        same=found is None or dict(sides) == dict(view.cell["sides"]),
    )


def _counted(view: heat.View, found: Standing) -> heat.View:
    """A limited scope's cell with its resources counted in the inventory, not by its findings."""
    drawn = lines_of(load_duties(), view.cell["service"])[view.cell["duty"]]
    lines = as_lines(drawn, found.lines)
    told = {"sides": dict(found.sides), "resources": sum(found.sides.values()), "lines": lines}
    return dataclasses.replace(view, cell={**view.cell, **told})


def _resources(
    index: Index, here: Filters, scope: Scope, part: tuple[int, int], side: str
) -> tuple[list[dict[str, Any]], int]:
    page, size = part
    kinds = index.words.kinds_where({f: getattr(here, f) for f in OF_KIND})
    checked = [k for k in kinds if index.words.kinds[k].check]
    where = f"sec < 2 and kind in ({listed(checked)}) and {scope_sql(index, scope)}"
    where = where if checked else "false"
    if side:
        code = FIXED["side"].index(side) if side in FIXED["side"] else -1
        where += f" and side = {code}"
    total = index.answer(f"select count(distinct res) from r where {where}")[0][0]
    found = index.answer(
        "select min(rank), count(*), count(*) filter (status = 0), count(*) filter (status = 1) "
        f"from r where {where} group by res order by min(rank) limit {int(size)} "
        f"offset {(int(page) - 1) * int(size)}"
    )
    rows = rows_of(index, [row[0] for row in found], scope)
    names = ("resource", "side", "owner", "account", "region")
    return [
        {**{k: row[k] for k in names}, "rows": n, "unmet": unmet, "unknown": unknown}
        for row, (_, n, unmet, unknown) in zip(rows, found, strict=True)
    ], total


__all__ = ["CellPage", "board", "cell", "tallies"]
