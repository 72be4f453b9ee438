"""One resource: its line, findings, owners, who can reach it, ways to power that touch it, its past."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sharedline.browse.gaps import EVERYTHING
from sharedline.browse.index import Index
from sharedline.browse.live import NOTHING, Live
from sharedline.browse.rows import rows_of
from sharedline.checks.engine import FINDING
from sharedline.collect.catalogue import catalogue
from sharedline.duties.catalogue import canonical
from sharedline.duties.catalogue import load as load_duties
from sharedline.errors import Error
from sharedline.inventory import literals
from sharedline.inventory.engines import Duck
from sharedline.inventory.lake import Manifest
from sharedline.inventory.register import lookups
from sharedline.people.model import Scope
from sharedline.report import paths
from sharedline.resource import about, register
from sharedline.results import Results

#: Rows of one kind of access, and scans of a resource's past.
MOST, SCANS = 200, 6
#: What a scan may hold on access: the table, and SQL that a row speaks of the ARN `$`.
_ACCESS = {
    "resource_access": "arn = $",
    "effective_access": "resource = $ or arn = $ or starts_with(resource, $ || '/')",
    "principal_access": "arn = $",
}


@dataclass(frozen=True)
class ResourcePage:
    """What the page shows; `line` and `columns` are empty where the inventory has no such row."""

    arn: str
    account: str
    region: str
    service: str
    service_name: str
    #: {duty, side, owner, aws, customer, text, when, source}
    line: Sequence[dict[str, Any]]
    #: Rows as `gaps.page` gives them, worst first.
    findings: Sequence[dict[str, Any]]
    owners: Sequence[str]
    columns: dict[str, Any]
    #: By table (`resource_access`, …) the rows that speak of it.
    access: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    escalation: paths.Escalation | None = None


class Absent(Error):  # noqa: N818 a refusal, not a failure
    """There is no such resource, or it is outside the scope."""


def _absent(arn: str) -> Absent:
    return Absent(
        f"The scan holds no resource {arn[:200]!r}.",
        "Give an ARN as `sharedline findings` shows them.",
    )


def resource(
    index: Index, arn: str, scope: Scope = EVERYTHING, live: Live | None = None
) -> ResourcePage:
    """A resource by its whole ARN.

    Raises:
        Absent: There is none, or it is outside the scope: in the same words.
    """
    findings = _findings(index, arn, scope, live)
    told = index.kept(("about", arn), lambda: _about(index, arn), weight=20)
    account = told["account_id"] if told else (findings[0]["account"] if findings else "")
    # Who is shown a resource for what they own of it alone sees that and no more.
    whole = scope.everything or (bool(account) and scope.covers(account, ""))
    line = [entry for entry in (told["line"] if told else ()) if whole or _owned(entry, scope)]
    if not (findings or line or (told and whole)):
        raise _absent(arn)
    owners = {f["owner"] for f in findings} | {entry["owner"] for entry in line}
    first = findings[0] if findings else {"region": "", "service": ""}
    reached = index.kept(("access", arn), lambda: _access(index, arn), weight=50) if whole else {}
    return ResourcePage(
        arn=arn,
        account=account,
        region=told["region"] if told else first["region"],
        service=told["service"] if told else first["service"],
        service_name=told["service_name"] if told else load_duties().name_of(first["service"]),
        line=line,
        findings=findings,
        owners=sorted(owners),
        columns=dict(told["columns"]) if told and whole else {},
        access=reached,
        escalation=_escalation(index, arn, scope) if whole else None,
    )


def _owned(entry: dict[str, Any], scope: Scope) -> bool:
    return entry["owner"] in scope.teams


def _findings(index: Index, arn: str, scope: Scope, live: Live | None) -> list[dict[str, Any]]:
    found = index.answer("select id from res where text = ?", [arn])
    if not found:
        return []
    ranks = index.answer(
        f"select rank from at_res where res = {found[0][0]} order by rank limit 2000"
    )
    overlay = live.overlay(index) if live else NOTHING
    rows = rows_of(index, [rank for (rank,) in ranks], scope, overlay)
    kept = [r for r in rows if r["check"] and scope.covers(r["account"], r["owner"])]
    comments = live.comments(kept) if live else {}
    for row in kept:
        row["comments"] = comments.get((row["check"], row["resource"], row["account"]), 0)
    return kept


def _narrow(results: Results, arn: str) -> Results:
    """The scan with the tables of the ARN's service only: to look through all takes seconds."""
    tables, cat = catalogue(results.project.tables), load_duties()
    named = arn.split(":")[2] if arn.count(":") > 4 else ""
    near = {
        name
        for name in tables
        if name.startswith(f"{named}_") or cat.service_of(name) in (named, canonical(named))
    }
    for name in list(near):
        near |= {ref.path.partition(".")[0] for ref in lookups(tables[name]).values()}
    data = results.manifest.data
    files = [f for f in data["files"] if f["kind"] != "inventory" or f["table"] in near]
    manifest = replace(results.manifest, data={**data, "files": files})
    narrow = Results(results.lake, manifest, results.project)
    # One DuckDB for all that is asked of the scan: opening another takes 15 ms.
    narrow._duck, narrow.registered = results.duck, results.registered  # noqa: SLF001
    return narrow


def _about(index: Index, arn: str) -> dict[str, Any] | None:
    """What the inventory says of an ARN; None where it does not hold it."""
    if not arn.startswith("arn:"):
        return None
    with index.reading:
        for results in (_narrow(index.results, arn), index.results):
            with contextlib.suppress(Error):  # it is not there
                return about(results, arn)
    return None


def _access(index: Index, arn: str) -> dict[str, list[dict[str, Any]]]:
    out: dict[str, list[dict[str, Any]]] = {}
    results = index.results
    with index.reading:
        for table, where in _ACCESS.items():
            if table not in results.manifest.data["tables"]:
                continue
            register(results, table)
            sql = where.replace("$", literals.text(arn))
            rows = results.duck.query(f"select * from {table} where {sql} limit {MOST}").to_pylist()
            if rows:
                out[table] = list(rows)
    return out


def _escalation(index: Index, arn: str, scope: Scope) -> paths.Escalation | None:
    """The ways to administrator rights that begin at, end at or lead over the resource."""
    results = index.results
    if paths.TABLE not in results.manifest.data["tables"]:
        return None
    with index.reading:
        register(results, paths.TABLE)
        name = literals.text(arn)
        rows = results.duck.query(
            f"select arn, account_id, answer, hops, conditions, unknown, evidence from {paths.TABLE} "
            f"where arn = {name} or target = {name} or contains(evidence, '\"' || {name} || '\"') "
            f"order by arn limit {MOST}"
        ).to_pylist()
    seen = [r for r in rows if scope.covers(r["account_id"] or "", "")]
    return paths.section(seen) if seen else None


def past(
    index: Index, arn: str, scans: Sequence[Manifest], scope: Scope = EVERYTHING, most: int = SCANS
) -> list[tuple[str, Any, dict[str, str]]]:
    """What the newest scans up to this one answered: (scan, its moment, status by check).

    Each scan is looked through, which takes a tenth of a second for a million findings: load it
    after the page.
    """
    until = [m for m in scans if m.as_of <= index.as_of][-most:]
    told = index.kept(
        ("past", arn, tuple(m.id for m in until)), lambda: _past(index, arn, until), weight=50
    )
    return [
        (scan, at, {c: s for c, s, account, owner in rows if scope.covers(account, owner)})
        for scan, at, rows in told
    ]


def _past(index: Index, arn: str, scans: Sequence[Manifest]) -> list[Any]:
    duck = Duck(index.results.lake)
    out = []
    try:
        for one in scans:
            duck.files("finding", duck_files(index, one), FINDING)
            rows = duck.query(
                "select check_id, status, account_id, owner from finding where "
                f"resource = {literals.text(arn)} order by check_id limit 2000"
            ).to_pylist()
            answers = [
                (r["check_id"], r["status"], r["account_id"] or "", r["owner"] or "") for r in rows
            ]
            out.append((one.id, one.as_of, answers))
    finally:
        duck.close()
    return out


def duck_files(index: Index, manifest: Manifest) -> list[str]:
    """The files of a scan's findings."""
    return index.results.lake.files(manifest, "findings", "finding")
