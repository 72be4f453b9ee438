"""The resources behind a cell of the matrix: every one of the inventory, a page at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sharedline import resource
from sharedline.duties import inuse, owners, side
from sharedline.duties.catalogue import load as load_duties
from sharedline.duties.matrix import AWS_OWNS
from sharedline.inventory import literals
from sharedline.model import Side
from sharedline.people.model import Scope
from sharedline.results import Results

if TYPE_CHECKING:
    from sharedline.browse.index import Index


@dataclass(frozen=True)
class Asked:
    """Which page of the list; `side` keeps the resources on one side of the line."""

    page: int
    size: int
    side: str = ""


@dataclass(frozen=True)
class Standing:
    """A page of a cell's resources; `sides` and `lines` (by position) count all in the scope."""

    #: {resource, side, owner, account, region, rows, unmet, unknown}, worst first, then by ARN.
    rows: Sequence[Mapping[str, Any]]
    total: int
    sides: Mapping[str, int]
    lines: Mapping[int, int]


class _Finished:
    """A finished scan as `inuse` asks for it."""

    def __init__(self, results: Results) -> None:
        data = results.manifest.data
        self.duck, self.project, self._results = results.duck, results.project, results
        self.draft: Any = SimpleNamespace(files=data["files"], accounts=data["accounts"])

    def register(self, name: str, engine: Any = None) -> None:
        """Makes a table known to DuckDB, the only engine there is here."""
        assert engine is None or engine is self.duck
        resource.register(self._results, name)


def standing(index: Index, service: str, duty: str, scope: Scope, asked: Asked) -> Standing | None:
    """The inventory's resources of a service by where a duty's line puts each.

    None where the scan holds none in the scope that a line speaks of: lakes without an inventory,
    services without tables, duties of accounts and Regions.
    """
    drawn = side.lines_of(load_duties(), service).get(duty)
    if drawn is None:
        return None
    with index.reading:
        source = index.kept(("standing", service, duty), lambda: _source(index, service, duty))
        if not source:
            return None
        seen = f"from ({source}) where line <> {side.NO_LINE} and {_scope(scope)}"
        counted = index.kept(
            ("standing", service, duty, scope),
            lambda: {
                row["line"]: row["n"]
                for row in _rows(index, f"select line, count(*) as n {seen} group by line")
            },
        )
        positions = {line: _side(drawn, line) for line in counted}
        sides: Counter[str] = Counter()
        for line, n in counted.items():
            sides[positions[line]] += n
        if not counted:
            return None
        kept = [line for line, where in positions.items() if asked.side in ("", where)]
        rows = _rows(index, _page(seen, kept, service, duty, scope, asked)) if kept else []
    total = sides[asked.side] if asked.side else sides.total()
    told = [{"side": positions[row.pop("line")], **row} for row in rows]
    return Standing(told, total, {s.value: sides[s.value] for s in Side}, counted)


def _rows(index: Index, sql: str) -> list[dict[str, Any]]:
    return list(index.results.duck.query(sql).to_pylist())


def _side(drawn: side.Drawn, line: int) -> str:
    where = side.side_of_index(drawn.lines, line)
    assert where is not None  # rows that no line speaks of are left out
    return where.value


def _bases(index: Index, service: str) -> list[inuse.Base]:
    return inuse.bases_of(_Finished(index.results), load_duties(), service)


def _source(index: Index, service: str, duty: str) -> str:
    """A SELECT of {arn, account_id, region, line, owner} over the tables; empty without any."""
    bases = index.kept(("bases", service), lambda: _bases(index, service))
    lines = side.lines_of(load_duties(), service)[duty].lines
    register = owners.load(index.project.owners)
    paths = index.kept("ou-paths", lambda: resource.ou_paths(index.results), weight=1_000)
    owner = owners.owner_sql(register, owners.Scope(service, duty, paths))
    of_aws = [n for n, line in enumerate(lines) if line.side is Side.AWS]
    selects = []
    for base in bases:
        position = side.index_sql(lines, base.table, "r")
        selects.append(
            "select arn, account_id, region, line, "
            f"case when line in ({', '.join(map(str, of_aws))}) then {literals.text(AWS_OWNS)} "
            "else owner end as owner "
            if of_aws
            else "select arn, account_id, region, line, owner "
        )
        selects[-1] += (
            f"from (select r.arn, r.account_id, r.region, {position} as line, {owner} as owner "
            f"from ({base.sql}) r)"
        )
    return " union all ".join(selects)


def _scope(scope: Scope) -> str:
    """SQL that a row is seen: its account is among the scope's, or its owner among the teams."""
    if scope.everything:
        return "true"
    listed = (("account_id", scope.accounts or ()), ("owner", scope.teams))
    parts = [f"{c} in ({literals.listed(sorted(v))})" for c, v in listed if v]
    return f"({' or '.join(parts)})" if parts else "false"


def _page(
    seen: str, lines: Sequence[int], service: str, duty: str, scope: Scope, asked: Asked
) -> str:
    """The rows of one page, with how many findings each has; those with the worst come first."""
    worst = (
        "case severity when 'critical' then 0 when 'high' then 1 when 'medium' then 2 else 3 end"
    )
    return f"""
with here as (select * {seen} and line in ({", ".join(map(str, lines))})),
told as (
  select resource, account_id, count(*) as n,
    count(*) filter (status = 'unmet') as unmet, count(*) filter (status = 'unknown') as unknown,
    min({worst}) filter (status = 'unmet') as worst
  from finding where service = {literals.text(service)} and duty = {literals.text(duty)}
    and {_scope(scope)}
  group by all
)
select h.arn as resource, h.line, h.owner, coalesce(h.account_id, '') as account,
  coalesce(h.region, '') as region,
  coalesce(t.n, 0) as rows, coalesce(t.unmet, 0) as unmet, coalesce(t.unknown, 0) as unknown
from here h left join told t on t.resource = h.arn and t.account_id = h.account_id
order by t.worst nulls last, t.unmet desc nulls last, t.unknown desc nulls last,
  (t.n is null), h.arn, h.account_id, h.region, h.owner
limit {int(asked.size)} offset {(int(asked.page) - 1) * int(asked.size)}"""


__all__ = ["Asked", "Standing", "standing"]
