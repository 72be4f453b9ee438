"""What an incident can start from, and its verdict, as a person may see them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sharedline.errors import Error
from sharedline.incident import inputs, verdict_around, verdict_rules, verdict_scans
from sharedline.incident.chain import chains
from sharedline.incident.inputs_findings import guardduty
from sharedline.incident.model import Subject
from sharedline.incident.render import Told
from sharedline.incident.verdict import judge
from sharedline.incident.verdict_sum import summed
from sharedline.inventory.engines import open_engine
from sharedline.inventory.lake import Lake
from sharedline.people.model import Scope
from sharedline.project import Project
from sharedline.resource import register
from sharedline.results import Results
from sharedline.trail import sigma, store
from sharedline.web.views.hiding import OUTSIDE, Hiding, account_of

_LEVELS = ("critical", "high", "medium", "low", "informational", "")
_TABLE = "guardduty_finding"
#: Findings are made some time after what they are about.
_HOURS = timedelta(hours=6)


@dataclass(frozen=True)
class Start:
    """Something that an incident can be reckoned from; `count` events or findings stand behind it.

    `thin` says that the scan kept too little of the finding: nothing in it leads to events.
    """

    id: str
    kind: str
    title: str
    severity: str
    type: str
    account: str
    region: str
    first: datetime | None
    last: datetime | None
    count: int
    subject: Subject
    thin: bool = False

    def near(self, other: Start) -> bool:
        """Whether it can be reckoned and is of the same account and hours as another."""
        if self.thin or self.account != other.account:
            return False
        spans = [(s.first, s.last or s.first) for s in (self, other)]
        (a, b), (c, d) = spans
        return bool(a and b and c and d) and a <= d + _HOURS and c <= b + _HOURS  # type: ignore[operator]

    @property
    def rank(self) -> tuple[int, float]:
        """The gravest first, then the newest."""
        level = self.severity if self.severity in _LEVELS else ""
        when = self.last or self.first
        return _LEVELS.index(level), -(when.timestamp() if when else 0)


def _ident(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def _start(subject: Subject, count: int, key: str, *, thin: bool = False) -> Start:
    return Start(
        _ident(subject.kind, key), subject.kind, subject.title or subject.id, subject.severity,
        subject.type, subject.account, subject.region, subject.time, subject.last, count, subject,
        thin,
    )  # fmt: skip


def of_detection(account: str, who: str) -> str:
    """The name of the incident that a detection is part of; `who` is its principal, else its rule."""
    return _ident("detection", f"{account} {who}")


def of_trail(lake: Lake) -> list[Start]:
    """What the detections found when they last ran: those of one principal together."""
    out = []
    for subject in inputs.of_detections(sigma.kept(lake)):
        who = subject.principals[0] if subject.principals else subject.id
        out.append(_start(subject, len(subject.events), f"{subject.account} {who}"))
    return sorted(out, key=lambda s: s.rank)


def of_scan(results: Results) -> list[Start]:
    """GuardDuty's findings in a scan that nobody archived."""
    try:
        register(results, _TABLE)
    except Error:  # the scan did not read it
        return []
    sql = f"select * from {_TABLE} where archived is not true and type is not null order by arn"
    rows = results.duck.query(sql).to_pylist()
    out = [
        _start(
            guardduty(_document(row)), int(row.get("finding_count") or 1), row["arn"],
            thin=not row["resource"] or not row["service"],
        )
        for row in rows
    ]  # fmt: skip
    return sorted(out, key=lambda s: s.rank)


def _document(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as GuardDuty gives findings; scans of before 2026-11-22 kept neither who nor what."""
    moment = {k: row[k].isoformat() if row[k] else "" for k in ("created_at", "updated_at")}
    return {
        "Id": row["arn"].rpartition("/")[2],
        "Arn": row["arn"],
        "AccountId": row["finding_account_id"] or row["account_id"],
        "Region": row["region"],
        "Type": row["type"],
        "Title": row["title"],
        "Description": row["description"] or "",
        "Severity": row["severity"],
        "CreatedAt": moment["created_at"],
        "UpdatedAt": moment["updated_at"],
        "Resource": json.loads(row["resource"] or "{}"),
        "Service": json.loads(row["service"] or "{}"),
    }


def reckon(project: Project, subject: Subject) -> dict[str, Any]:
    """The verdict as data (`incident --format json`), of everything; seconds of work.

    Raises:
        Error: The lake holds no trail.
    """
    lake = Lake(project.lake_url)
    if not store.available(lake):
        raise Error(
            "The lake holds no trail, so nothing tells what happened.",
            "Run `sharedline trail ingest`, then load this page again.",
        )
    with (
        closing(open_engine(project.engine, lake)) as engine,
        closing(verdict_scans.Scans(project, lake)) as scans,
    ):
        store.register(engine, lake)
        [chain] = chains(engine, (subject,), table="cloudtrail")
        around = verdict_around.ask(engine, chain, "cloudtrail")
        verdict = summed(judge(chain, verdict_rules.load(), scans, around), scans)
        return Told(verdict, project.folder / "runbooks").data()


def shown(data: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    """A verdict of which a person sees what lies in the scope; sentences about more are left out."""
    if scope.everything:
        steps = [{**step, "hidden": False} for step in data["chain"]]
        return {**data, "chain": steps, "partly": False}
    hiding = Hiding(scope)
    for step in data["chain"]:
        for name in ("principal", "issuer"):
            if step[name] and not hiding.sees(account_of(step[name])):
                hiding.outside([step[name]])
        if not hiding.sees(step["account"]):
            hiding.outside([step["principal"], step["session"], step["address"], step["agent"]])
            hiding.outside(step["resources"])
    steps = [_step(step, hiding) for step in data["chain"]]
    partly = any(s["hidden"] for s in steps)
    inside = {s["step"] for s in steps if not s["hidden"]}
    rows = [
        _row(row, hiding, inside)
        for row in data["verdict"]
        if not row["steps"] or inside & {s["step"] for s in row["steps"]}
    ]
    return {
        **data,
        "partly": partly,
        "subject": {**data["subject"], "title": hiding.text(data["subject"]["title"])},
        "summary": [s for s in data["summary"] if not partly and not hiding.hides(s)],
        "chain": steps,
        "verdict": rows,
        "unknown": [u for u in data["unknown"] if not hiding.hides(u["what"] + u["where"])],
        "notes": [n for n in data["notes"] if not hiding.hides(n)],
        "call_first": [c for c in data["call_first"] if c["owner"] in {r["owner"] for r in rows}],
    }


def _step(step: Mapping[str, Any], hiding: Hiding) -> dict[str, Any]:
    if not hiding.sees(step["account"]):
        return {
            **step, "hidden": True, "principal": OUTSIDE, "address": "", "agent": "", "issuer": "",
            "session": "", "account": "", "region": "", "resources": [], "kinds": [], "why": "",
            "duties": [], "error": "", "linked_to": "", "event": OUTSIDE, "event_id": "",
        }  # fmt: skip
    return {
        **step,
        "hidden": False,
        "principal": hiding.text(step["principal"]),
        "why": hiding.text(step["why"]),
        "resources": [hiding.text(r) for r in step["resources"]],
        "duties": [{**d, "evidence": _evidence(d, hiding)} for d in step["duties"]],
    }


def _evidence(row: Mapping[str, Any], hiding: Hiding) -> list[dict[str, str]]:
    return [e for e in row["evidence"] if not hiding.hides(e["says"] + " " + e["ref"])]


def _row(row: Mapping[str, Any], hiding: Hiding, inside: set[int]) -> dict[str, Any]:
    stopped = row["would_have_stopped"]
    return {
        **row,
        "why": [hiding.text(w) for w in row["why"]],
        "evidence": _evidence(row, hiding),
        "would_have_stopped": stopped if stopped and stopped["step"] in inside else None,
        "steps": [s for s in row["steps"] if s["step"] in inside],
    }
