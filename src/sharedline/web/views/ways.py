"""The ways to administrator rights of a scan, as a person may see them: list, steps, drawing."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from sharedline.inventory import literals
from sharedline.model import NOBODY
from sharedline.people.model import Scope
from sharedline.report.paths import TABLE, drawing
from sharedline.resource import register
from sharedline.results import Results
from sharedline.web.views.hiding import OUTSIDE, Hiding, account_of

CHECK = "iam/escalation_to_administrator_absent"
ANSWERS = ("yes", "depends", "unknown")
SAYS: Mapping[str, str] = {"yes": "certain", "depends": "on conditions", "unknown": "not known"}


@dataclass(frozen=True, slots=True)
class Row:
    """One principal's best way, with who owns the duty that lets it."""

    id: str
    arn: str
    name: str
    account: str
    answer: str
    hops: int
    via: str
    target: str
    ends: str
    conditions: str
    unknown: str
    evidence: str
    owner: str
    status: str
    life: str


@dataclass(frozen=True)
class Found:
    """The ways of a scan, worst first; `judged` is how many principals were looked at."""

    judged: int
    rows: tuple[Row, ...]


def ident(arn: str) -> str:
    """The name of a way in addresses."""
    return hashlib.sha256(arn.encode("utf-8", "replace")).hexdigest()[:16]


def found(results: Results) -> Found | None:
    """The ways of a scan; None where it did not look for any."""
    if TABLE not in results.manifest.data.get("tables", {}):
        return None
    register(results, TABLE)
    listed = literals.listed(ANSWERS)
    # Of a principal there may be a finding, which knows the owner and how it stands.
    sql = (
        "select e.arn, e.account_id, e.answer, e.hops, e.via, e.target, e.conditions, e.unknown, "
        "e.evidence, any_value(f.owner) as owner, any_value(f.status) as status, "
        f"any_value(f.life) as life from {TABLE} e left join finding f on f.resource = e.arn "
        f"and f.check_id = {literals.text(CHECK)} where e.answer in ({listed}) group by all"
    )
    rows = [_row(row) for row in results.duck.query(sql).to_pylist()]
    judged = results.duck.query(f"select count(*) as n from {TABLE}").to_pylist()[0]["n"]
    rows.sort(key=lambda r: (ANSWERS.index(r.answer), r.owner != NOBODY, r.hops, r.arn))
    return Found(judged, tuple(rows))


def _row(row: Mapping[str, Any]) -> Row:
    hops = json.loads(row["evidence"] or "[]")
    return Row(
        id=ident(row["arn"]),
        arn=row["arn"],
        name=hops[0]["from"] if hops else row["arn"].rpartition(":")[2].replace("/", " ", 1),
        account=row["account_id"] or account_of(row["arn"]),
        answer=row["answer"],
        hops=row["hops"] or 0,
        via=row["via"] or "",
        target=row["target"] or "",
        ends=hops[-1]["to"] if hops else "",
        conditions=row["conditions"] or "",
        unknown=row["unknown"] or "",
        evidence=row["evidence"] or "[]",
        owner=row["owner"] or NOBODY,
        status=row["status"] or "",
        life=row["life"] or "",
    )


def seen(rows: Sequence[Row], scope: Scope) -> list[Row]:
    """The ways that begin or end within a scope."""
    hiding = Hiding(scope)
    return [
        row
        for row in rows
        if hiding.sees(row.account, row.owner)
        or (row.target and hiding.sees(account_of(row.target), row.owner))
    ]


def shown(row: Row, scope: Scope) -> dict[str, Any]:
    """A row of the list, its names outside the scope hidden."""
    hiding = _hiding(row, scope)
    end = account_of(row.target)
    return {
        "id": row.id,
        "answer": row.answer,
        "hops": row.hops,
        "via": row.via,
        "owner": row.owner,
        "life": row.life,
        "account": row.account if hiding.sees(row.account, row.owner) else "",
        "name": row.name if hiding.sees(row.account, row.owner) else OUTSIDE,
        "ends": row.ends if not end or hiding.sees(end) else OUTSIDE,
        "unknown": hiding.text(row.unknown or row.conditions),
    }


def _hiding(row: Row, scope: Scope) -> Hiding:
    hiding = Hiding(scope)
    for hop in json.loads(row.evidence):
        for arn in (hop["from_arn"], hop["to_arn"], hop["via"]):
            if arn and not hiding.sees(account_of(arn)):
                hiding.outside([arn])
    return hiding


@dataclass(frozen=True)
class Way:
    """One way opened: its steps, with what allows each, and the drawing."""

    row: dict[str, Any]
    steps: list[dict[str, Any]]
    conditions: list[str]
    unknown: list[str]
    svg: Markup
    own: bool


def opened(results: Results, row: Row, scope: Scope) -> Way:
    """A way with its steps; what lies outside the scope has no name."""
    hiding = _hiding(row, scope)
    hops = json.loads(row.evidence)
    owners = _owners(results, {a for h in hops for a in (h["from_arn"], h["to_arn"], h["via"])})
    inside = hiding.sees(row.account, row.owner)
    steps = [_step(hop, hiding, owners) for hop in hops]
    start = row.name if inside else OUTSIDE
    # Ours, and escaped where it is made.
    svg = Markup(drawing([start], steps, row.answer, f"way-{row.id}")) if steps else Markup()  # noqa: S704
    return Way(
        row=shown(row, scope),
        steps=steps,
        conditions=[hiding.text(c) for h in hops for c in h["conditions"]],
        unknown=[hiding.text(u) for u in ([row.unknown] if row.unknown else [])],
        svg=svg,
        own=bool(hops) and hops[0]["from_arn"] == hops[0]["to_arn"],
    )


def _step(hop: Mapping[str, Any], hiding: Hiding, owners: Mapping[str, str]) -> dict[str, Any]:
    starts, ends = (hiding.sees(account_of(hop[k])) for k in ("from_arn", "to_arn"))
    inside = starts or hiding.scope.everything
    return {
        "from": hop["from"] if starts else OUTSIDE,
        "to": hop["to"] if ends else OUTSIDE,
        "from_arn": hop["from_arn"] if starts else "",
        "to_arn": hop["to_arn"] if ends else "",
        "from_owner": owners.get(hop["from_arn"], "") if starts else "",
        "to_owner": owners.get(hop["to_arn"], "") if ends else "",
        "via": hiding.text(hop["via"]),
        "via_owner": "" if hiding.hides(hop["via"]) else owners.get(hop["via"], ""),
        "rule": hop["rule"],
        "title": hop["title"],
        "answer": hop["answer"],
        "says": SAYS[hop["answer"]],
        "mitigation": hop["mitigation"],
        "conditions": [hiding.text(c) for c in hop["conditions"]],
        "permissions": [_permission(p, hiding) for p in hop["permissions"]] if inside else [],
    }


def _permission(given: Mapping[str, Any], hiding: Hiding) -> dict[str, Any]:
    return {
        "action": given["action"],
        "resource": hiding.text(given["resource"]),
        "by": [
            {
                "policy": hiding.text(s["policy"]),
                "statement": s["statement"],
                "line": s["line"],
                "layer": s["layer"],
            }
            for s in given["statements"]
        ],
    }


def _owners(results: Results, arns: set[str]) -> dict[str, str]:
    """Who owns each thing: of its least privilege first, else of most of what was found on it."""
    named = sorted(a for a in arns if a)
    if not named:
        return {}
    sql = (
        f"select resource, owner, sum(case when check_id = {literals.text(CHECK)} then 1000000000 "
        "when duty = 'identity.least-privilege' then 1000000 else 1 end) as n from finding "
        f"where resource in ({literals.listed(named)}) "
        "group by all order by n desc, owner"
    )
    out: dict[str, str] = {}
    for row in results.duck.query(sql).to_pylist():
        out.setdefault(row["resource"], row["owner"] or NOBODY)
    return out


def counts(rows: Sequence[Row]) -> dict[str, Counter[str]]:
    """How many ways there are by how sure they are, by their rules, by owner."""
    return {
        "answer": Counter(r.answer for r in rows),
        "via": Counter(r.via for r in rows if r.via),
        "owner": Counter(r.owner for r in rows),
    }
