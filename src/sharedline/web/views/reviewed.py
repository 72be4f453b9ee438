"""The review of the trail as a person may see it: sources, findings, alarms, changes, detections."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sharedline.derive.log_sources import KINDS
from sharedline.errors import Error
from sharedline.inventory.engines import open_engine
from sharedline.inventory.lake import Lake
from sharedline.model import NOBODY, SEVERITIES
from sharedline.people.model import Scope
from sharedline.project import Project
from sharedline.report import reviewing
from sharedline.trail import sigma, store
from sharedline.trail.review import report
from sharedline.trail.review.findings import ago, told
from sharedline.trail.review.report import Review
from sharedline.web.views.hiding import Hiding
from sharedline.web.views.incidents import of_detection

ANSWER = {True: "yes", False: "nobody", None: "unknown"}
_WORST = {False: 0, None: 1, True: 2}
_LEVELS = (*SEVERITIES, "informational")


def reckon(project: Project) -> Review:
    """The review of the last thirty days; seconds of work.

    Raises:
        Error: The lake holds no trail.
    """
    lake = Lake(project.lake_url)
    if not store.available(lake):
        raise Error(
            "The lake holds no trail, so nobody can say who looked.",
            "Run `sharedline trail ingest`, then load this page again.",
        )
    with closing(open_engine(project.engine, lake)) as engine:
        return reviewing.gather(project, lake, engine, None, None, "")


@dataclass(frozen=True)
class Part:
    """What of a review lies in a scope."""

    since: datetime
    until: datetime
    sources: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    alarms: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    hiding: list[dict[str, Any]]
    deliveries: list[dict[str, Any]]
    attestations: list[dict[str, Any]]
    notes: list[str]


def part(made: Review, scope: Scope) -> Part:
    """The rows of a review that a person may see, what needs somebody first."""

    def kept(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [
            dict(r)
            for r in rows
            if scope.covers(str(r.get("account_id") or ""), str(r.get("owner") or NOBODY))
        ]

    sources = [{**row, "id": ident(row), **_source(row)} for row in kept(made.sources)]
    sources.sort(key=lambda r: (_WORST[r["looked"]], -r["past_limit"], r["account_id"], r["what"]))
    findings = [{**row, **_finding(row)} for row in kept(made.findings)]
    findings.sort(key=lambda r: (not r["late"], -(r["age_days"] or 0), r["arn"]))
    alarms = sorted(kept(made.alarms), key=lambda r: (_WORST[r["reached"]], r["alarm_name"]))
    return Part(
        since=made.since,
        until=made.until,
        sources=sources,
        findings=findings,
        alarms=[{**a, "answer": ANSWER[a["reached"]]} for a in alarms],
        changes=kept(made.changes),
        hiding=kept(made.hiding),
        deliveries=kept(made.deliveries),
        attestations=[
            a for a in made.attestations if scope.everything or scope.covers(a["scope"], "")
        ],
        notes=list(made.notes),
    )


def ident(row: Mapping[str, Any]) -> str:
    """The name of a source in addresses."""
    key = "\n".join(str(k) for k in report.key_of(dict(row)))
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:16]


def _source(row: Mapping[str, Any]) -> dict[str, Any]:
    kind = row["source"]
    named = "" if kind == "event-history" else f" {row['name']}"
    return {"what": f"{KINDS.get(kind, kind)}{named}", "answer": ANSWER[row["looked"]]}


def _finding(row: Mapping[str, Any]) -> dict[str, Any]:
    late = bool(row["past_limit"]) and row["touched"] is not True
    return {
        "said": told(row),
        "late": late,
        "age": "?" if row["age_days"] is None else ago(row["age_days"] * 24),
        "limit": ago(row["limit_days"] * 24) if row["limit_days"] else "",
    }


def readers(made: Review, name: str, scope: Scope) -> list[dict[str, Any]]:
    """Who read a source, the last first; people of other accounts keep their name: they read yours."""
    chosen = [row for row in made.sources if ident(row) == name]
    found = report.who(made, chosen)
    hiding = Hiding(scope)
    return [{**row, "rule": hiding.text(str(row["rule"] or ""))} for row in found]


def detections(lake: Lake, scope: Scope) -> list[dict[str, Any]]:
    """What the detections found when they last ran, the gravest and newest first."""
    found = [d for d in sigma.kept(lake) if scope.covers(d.account, "")]
    rank = {level: n for n, level in enumerate(_LEVELS)}
    found.sort(key=lambda d: (rank.get(d.level, len(rank)), -d.time.timestamp(), d.name))
    hiding = Hiding(scope)
    return [
        {
            "name": d.name, "title": d.title, "level": d.level, "duty": d.duty,
            "techniques": d.techniques, "account": d.account, "region": d.region, "time": d.time,
            "principal": hiding.text(d.principal), "count": d.count, "outcome": d.outcome,
            "summary": hiding.text(d.summary),
            "incident": of_detection(d.account, d.principal or d.rule),
        }
        for d in found
    ]  # fmt: skip


def by(rows: Sequence[Mapping[str, Any]], key: str) -> list[tuple[str, int]]:
    """How many rows there are by a field, the most first."""
    return Counter(str(r[key]) for r in rows).most_common()
