"""Writes into the log what it does not hold yet: scans, attestations, waivers, AWS's reports."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from sharedline.comply.artifact.model import Agreement, Report
from sharedline.comply.artifact.register import FILES, open_register
from sharedline.comply.evidence import scanned
from sharedline.comply.evidence.item import EvidenceError
from sharedline.comply.evidence.store import Store
from sharedline.duties.waivers import load as load_waivers
from sharedline.inventory.lake import Lake
from sharedline.model import Attestation, Waiver
from sharedline.project import Project
from sharedline.results import Results
from sharedline.state import State


@dataclass
class Counts:
    """What was written, and what was there already."""

    scans: int = 0
    checks: int = 0
    attestations: int = 0
    waivers: int = 0
    reports: int = 0
    #: Scans, attestations, waivers and reports that the log held.
    known: int = 0
    #: Why something was not written.
    refused: list[str] = field(default_factory=list)

    @property
    def items(self) -> int:
        """The items written."""
        return self.scans + self.checks + self.attestations + self.waivers + self.reports


@dataclass
class _Known:
    """What the log holds: scans as judged, and whatever has an id of its own."""

    scans: set[tuple[str, str]] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    #: Waivers that were in force when they were looked at last, with their statements.
    waivers: dict[str, str] = field(default_factory=dict)


def scans_of(project: Project) -> Iterator[Results]:
    """Every committed scan of the lake, oldest first."""
    lake = Lake(project.lake_url)
    for manifest in lake.scans():
        yield Results(lake, manifest, project)


def record(store: Store, project: Project, results: Iterable[Results] | None = None) -> Counts:
    """Writes what is new; a second call with nothing new writes nothing.

    Every scan is one `append`: it is in the log whole or not at all.
    """
    counts, known = Counts(), _known(store)
    for one in scans_of(project) if results is None else results:
        if (one.manifest.id, scanned.judged(one.manifest)) in known.scans:
            counts.known += 1
            continue
        try:
            written = store.append(scanned.items(one))
        except EvidenceError as error:
            if not error.message.startswith(f"Scan {one.manifest.id}"):
                raise
            counts.refused.append(error.message)
            continue
        counts.scans += 1
        counts.checks += len(written) - 1
    now = store.clock()
    new: list[dict[str, Any]] = []
    counts.attestations = _add(new, _attestations(project), known, counts)
    counts.waivers = _waivers(new, project, known, counts, now)
    counts.reports = _add(new, _papers(project, now), known, counts)
    store.append(new)
    return counts


def _known(store: Store) -> _Known:
    out = _Known()
    for item in (found for _, found in store.items()):
        ref = item.get("ref", {})
        if item["kind"] == "note" and "scan" in ref:
            out.scans.add((ref["scan"], ref.get("judged", "")))
        elif item["kind"] == "waiver":
            if ref.get("withdrawn"):
                out.waivers.pop(ref["id"], None)
            else:
                out.waivers[ref["id"]] = item["statement"]
        elif "id" in ref:
            out.ids.add(ref["id"])
    return out


def _add(
    new: list[dict[str, Any]],
    found: Iterable[dict[str, Any]],
    known: _Known,
    counts: Counts,
) -> int:
    added = 0
    for item in found:
        if item["ref"]["id"] in known.ids:
            counts.known += 1
            continue
        known.ids.add(item["ref"]["id"])
        new.append(item)
        added += 1
    return added


def _id(*values: object) -> str:
    """The same for the same content, so that it is written once."""
    text = json.dumps([str(v) for v in values], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# -- what people state -----------------------------------------------------------------------


def _attestations(project: Project) -> Iterator[dict[str, Any]]:
    with contextlib.closing(State(project.database_url)) as state:
        found = state.attestations()
    for one in found:
        yield _attestation(one)


def _attestation(a: Attestation) -> dict[str, Any]:
    return {
        "kind": "attestation",
        "duty": a.duty,
        "subject": {"scope": a.scope},
        "statement": a.statement or f"{a.duty} was done.",
        "result": "stated",
        "observed": a.at,
        "effective": {"from": a.at, "to": a.expires},
        "expires": a.expires,
        "attester": a.by,
        "ref": {
            "id": _id(a.duty, a.scope, a.statement, a.evidence, a.by, a.at, a.expires),
            "evidence": a.evidence,
        },
    }


def _waivers(
    new: list[dict[str, Any]], project: Project, known: _Known, counts: Counts, now: datetime
) -> int:
    """The accepted exceptions as the file has them now, and those that left it since."""
    before, added = len(new), set()
    for waiver in load_waivers(project.waivers):
        item = _waiver(waiver, now)
        name = item["ref"]["id"]
        added.add(name)
        if name in known.waivers:
            counts.known += 1
        else:
            known.waivers[name] = item["statement"]
            new.append(item)
    new += [
        {
            "kind": "waiver",
            "statement": said,
            "observed": now,
            "effective": {"to": now},
            "ref": {"id": name, "withdrawn": True},
        }
        for name, said in known.waivers.items()
        if name not in added
    ]
    return len(new) - before


def _waiver(w: Waiver, now: datetime) -> dict[str, Any]:
    end = _moment(w.expires, time(23, 59, 59))
    return {
        "kind": "waiver",
        "duty": w.duty if w.duty and not set(w.duty) & set("*?[") else None,
        "subject": {"scope": w.resource, **({} if w.account == "*" else {"accounts": [w.account]})},
        "statement": w.reason,
        "result": "stated",
        # The file says until when, not since when: what is known is that it was there now.
        "observed": now,
        "effective": {"from": now, "to": end} if now < end else {"to": end},
        "expires": end,
        "attester": w.approver,
        "ref": {
            "id": _id(w.reason, w.approver, w.expires, w.check, w.duty, w.resource, w.account),
            "check": w.check,
            "duty": w.duty,
            "resource": w.resource,
            "account": w.account,
        },
    }


# -- AWS's paper -----------------------------------------------------------------------------


def _papers(project: Project, now: datetime) -> Iterator[dict[str, Any]]:
    """Reports whose documents are on file, and agreements; word of a report is no evidence."""
    register = open_register(project.artifact)
    for report in register.reports:
        if report.on_file:
            yield _report(report, now)
    for agreement in register.agreements:
        yield _agreement(agreement, register.fetched or now)


def _report(r: Report, now: datetime) -> dict[str, Any]:
    period = " to ".join(str(d) for d in (r.period_start, r.period_end) if d)
    ref = {"report": r.id, "version": r.version, "arn": r.arn, "series": r.series}
    if r.terms and r.terms.accepted_at:
        ref["terms_accepted"] = r.terms.accepted_at.astimezone(UTC).isoformat()
        ref["terms_sha256"] = r.terms.sha256
    accepted = r.terms.accepted_by if r.terms else ""
    return {
        "kind": "report",
        "duty": "compliance.reporting",
        "statement": f"{r.name}{f', {period}' if period else ''}, version {r.version or 'unknown'}",
        "result": "stated",
        "observed": r.received or now,
        "effective": _span(r.period_start, r.period_end),
        "attester": r.company or None,
        "reviewer": accepted or None,
        "artefact": {
            "name": r.file or r.name,
            "sha256": r.sha256,
            "bytes": r.bytes,
            "where": f"artifact/{FILES}/{r.file}" if r.file else "",
        },
        "ref": {**ref, "id": _id("report", r.id, r.version, r.sha256, accepted)},
    }


def _agreement(a: Agreement, now: datetime) -> dict[str, Any]:
    return {
        "kind": "note",
        "duty": "compliance.reporting",
        "statement": f"Agreement {a.name}: {a.state or 'state unknown'}",
        "subject": {"scope": a.organization or a.account, "accounts": [a.account]},
        "observed": now,
        "effective": _span(a.effective_start, a.effective_end),
        "ref": {
            "agreement": a.id,
            "arn": a.arn,
            "id": _id("agreement", a.id, a.state, a.effective_start, a.effective_end),
        },
    }


def _span(start: date | None, end: date | None) -> dict[str, datetime] | None:
    out = {}
    if start:
        out["from"] = _moment(start, time.min)
    if end:
        out["to"] = _moment(end, time(23, 59, 59))
    return out or None


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, UTC)
