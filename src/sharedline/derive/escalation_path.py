"""The table `escalation_path`: for each principal that is no administrator, how it could be one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from sharedline.collect.table import Type
from sharedline.derive.base import Derivation, Row, Rows
from sharedline.iam.access import estate
from sharedline.iam.escalation import paths, surroundings
from sharedline.iam.escalation.dormant import bounded, dormant
from sharedline.iam.escalation.graph import Graph
from sharedline.iam.escalation.scan import of_tables

#: Grants without a target that are named; more of them say no more.
NAMED = 3


def _blocked(graph: Graph, arn: str) -> str:
    """What keeps a principal from what it is nearest to: its limits, or targets not there."""
    node = graph.base[arn]
    limit = bounded(graph, node)
    found = [limit] if limit else []
    for one in dormant(graph, node):
        found.append(f"{one.rule.id}: {one.reason}")
        if len(found) >= NAMED:
            break
    return "; ".join(found)


def _row(graph: Graph, telling: paths.Telling, arn: str, way: paths.Way | None) -> Row:
    entry = graph.estate.principals[arn]
    row: Row = {
        "arn": arn,
        "account_id": entry.account,
        "region": "global",
        "table_name": entry.table_name,
        "reaches_admin": False,
        "answer": "no",
        "hops": 0,
        "via": "",
        "target": "",
        "path": "",
        "conditions": "",
        "unknown": "",
        "evidence": "[]",
        "blocked_by": "",
    }
    if way is None:
        return {**row, "blocked_by": _blocked(graph, arn)}
    end = graph.nodes[way.path.end].arn if way.path else ""
    return {
        **row,
        # Whether a condition holds is for each request to show: neither yes nor no.
        "reaches_admin": True if way.answer == "yes" else None,
        "answer": way.answer,
        "hops": len(way.hops),
        "via": ", ".join(hop.rule.id for hop in way.hops),
        "target": end,
        "path": telling.line(way),
        "conditions": "; ".join(way.conditions),
        "unknown": "; ".join(way.unknown),
        "evidence": json.dumps(telling.evidence(way)),
    }


def _run(tables: Rows) -> Iterator[Row]:
    graph = of_tables(tables)
    telling = paths.Telling(graph)
    ways = {way.start: way for way in paths.to_admin(graph)}
    for arn in sorted(graph.base):
        if arn in ways or graph.admin(graph.base[arn])[0] == "no":
            yield _row(graph, telling, arn, ways.get(arn))


def _reads() -> dict[str, tuple[str, ...]]:
    found = {name: set(columns) for name, columns in estate.READS.items()}
    for name, columns in surroundings.reads().items():
        found.setdefault(name, set()).update(columns)
    standard = {"arn", "account_id", "region"}
    return {
        name: ("arn", "account_id", "region", *sorted(columns - standard))
        for name, columns in found.items()
    }


COLUMNS: Mapping[str, tuple[Type, str]] = {
    "arn": ("string", "The user or role."),
    "account_id": ("string", "Its account."),
    "region": ("string", "Always `global`."),
    "table_name": ("string", "`iam_user` or `iam_role`."),
    "reaches_admin": (
        "bool",
        "Whether a way leads from it to an administrator; NULL where that depends, or is unknown.",
    ),
    "answer": ("string", "`yes`, `depends` (on `conditions`), `unknown` or `no`."),
    "hops": ("int", "How many hops the way has; 0 for none."),
    "via": ("string", "The rules of the hops, in order."),
    "target": ("string", "The principal that the way ends at."),
    "path": ("string", "The way in one line."),
    "conditions": ("string", "On what the way depends."),
    "unknown": ("string", "What is not known of the way."),
    "evidence": ("json", "The hops, each with its permissions and their statements."),
    "blocked_by": ("string", "Where no way leads: what keeps grants from leading anywhere."),
}

ESCALATION_PATH = Derivation(
    name="escalation_path",
    doc=(
        "For each user and role that is no administrator: the surest way by which it could come to "
        "be one."
    ),
    reads=_reads(),
    columns=COLUMNS,
    run=_run,
    optional=frozenset(_reads()) - {"iam_user", "iam_role"},
)
