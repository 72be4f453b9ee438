"""Findings as OCSF events of the class Compliance Finding (2003).

Times are milliseconds since 1970. An unknown is the schema's own *Warning*: no result for lack of
information. Ref: https://schema.ocsf.io/1.9.0/classes/compliance_finding, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sharedline import __version__
from sharedline.formats.resource_types import resource_type
from sharedline.formats.sarif import fingerprint
from sharedline.formats.source import FRAMEWORKS, Entry, arn, array, entries
from sharedline.model import Finding
from sharedline.results import Results

VERSION = "1.9.0"
CATEGORY, CLASS = 2, 2003
_SEVERITY = {"low": 2, "medium": 3, "high": 4, "critical": 5}
_ACTIVITY = {1: "Create", 2: "Update", 3: "Close"}
_AWS_ACCOUNT = 10


def render(results: Results, where: str = "true") -> Iterator[str]:
    """A JSON array of events."""
    return array(_event(e, results) for e in entries(results, where))


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _activity(finding: Finding, as_of: datetime) -> int:
    """Created by this scan, closed by it, or looked at again."""
    fresh = finding.since is None or finding.since >= as_of
    if finding.ok:
        return 3 if finding.life == "verified" and fresh else (1 if fresh else 2)
    return 1 if fresh else 2


def _status(finding: Finding) -> tuple[int, str]:
    if finding.status == "waived":
        return 3, "Suppressed"
    if finding.ok:
        return 4, "Resolved"
    return (2, "In Progress") if finding.life == "claimed" else (1, "New")


def _answer(finding: Finding) -> tuple[int, str]:
    if finding.ok is None:
        return 2, "Warning"
    return (1, "Pass") if finding.ok else (3, "Fail")


def _compliance(entry: Entry) -> dict[str, Any]:
    f = entry.finding
    answer, word = _answer(f)
    standards = [_standard(k) for k in f.controls] or ["Sharedline"]
    return {
        "standards": standards,
        "requirements": [f"{_standard(k)}: {i}" for k, ids in f.controls.items() for i in ids],
        "control": f.check,
        "desc": entry.title,
        "status_id": answer,
        "status": word,
        "status_code": f.status,
        "status_detail": f.reason,
        "checks": [
            {
                "uid": f.check,
                "name": entry.title,
                "desc": entry.check.why if entry.check else entry.title,
                "severity": f.severity.capitalize(),
                "severity_id": _SEVERITY.get(f.severity, 99),
                "standards": standards,
                "status": word,
                "status_id": answer,
            }
        ],
    }


def _standard(key: str) -> str:
    _, name, version = FRAMEWORKS.get(key, ("", key, ""))
    return f"{name} {version}".strip()


def _resource(entry: Entry, partition: str) -> dict[str, Any]:
    f = entry.finding
    name = arn(f.resource).resource
    out: dict[str, Any] = {
        "uid": f.resource,
        "name": name,
        "type": resource_type(f.resource),
        "cloud_partition": partition,
        # The schema's owner is a user account; ours is a team.
        "labels": [f"owner={f.owner}", f"service={f.service}"],
    }
    if f.region not in ("", "global"):
        out["region"] = f.region
    if entry.tags:
        out["tags"] = [{"name": k, "value": v} for k, v in entry.tags.items()]
    return out


def _info(entry: Entry, as_of: int) -> dict[str, Any]:
    f = entry.finding
    out: dict[str, Any] = {
        "uid": fingerprint(f.check, f.resource),
        "title": entry.title,
        "desc": f.reason,
        "types": [f.duty],
        "last_seen_time": as_of,
        "analytic": {"type_id": 1, "type": "Rule", "uid": f.check, "name": entry.title},
    }
    if f.since is not None:
        out |= {"created_time": _milliseconds(f.since), "first_seen_time": _milliseconds(f.since)}
    return out


def _class(activity: int) -> dict[str, Any]:
    return {
        "activity_id": activity,
        "activity_name": _ACTIVITY[activity],
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Compliance Finding",
        "type_uid": CLASS * 100 + activity,
        "type_name": f"Compliance Finding: {_ACTIVITY[activity]}",
    }


def _cloud(finding: Finding) -> dict[str, Any]:
    account = {"uid": finding.account_id, "type_id": _AWS_ACCOUNT, "type": "AWS Account"}
    region = {"region": finding.region} if finding.region not in ("", "global") else {}
    return {"provider": "AWS", "account": account, **region}


def _event(entry: Entry, results: Results) -> dict[str, Any]:
    f, manifest = entry.finding, results.manifest
    time = _milliseconds(manifest.as_of)
    state, word = _status(f)
    out: dict[str, Any] = {
        **_class(_activity(f, manifest.as_of)),
        "time": time,
        "severity_id": _SEVERITY.get(f.severity, 99),
        "severity": f.severity.capitalize(),
        "status_id": state,
        "status": word,
        "message": f"{entry.title}: {f.reason}",
        "metadata": {
            "version": VERSION,
            "profiles": ["cloud"],
            "uid": f"{manifest.id}/{fingerprint(f.check, f.resource)[:32]}",
            "product": {"name": "Sharedline", "vendor_name": "Sharedline", "version": __version__},
        },
        "cloud": _cloud(f),
        "finding_info": _info(entry, time),
        "compliance": _compliance(entry),
        "resources": [_resource(entry, manifest.data.get("partition", "aws"))],
        "unmapped": {
            "ok": f.ok, "duty": f.duty, "side": f.side.value, "owner": f.owner,
            "life": f.life.value, "scan": manifest.id, "denied_call": f.denied_call,
            "grant": f.grant, "waiver": entry.waiver,
            "controls": {k: list(v) for k, v in f.controls.items()},
        },
    }
    if entry.check:
        out["remediation"] = {"desc": entry.check.fix}
    return out
