"""Findings as SARIF 2.1.0: a check is a rule, a framework a taxonomy, a finding a result.

An unknown is a result of kind `open`, never one that passes; a waived one carries its suppression.
Ref: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from sharedline import __version__
from sharedline.formats.source import FRAMEWORKS, Entry, compact, entries, iso
from sharedline.model import Check
from sharedline.results import Results

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVEL = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
#: The scale on which code-scanning dashboards sort: CVSS bands, the middle of each.
SCORE = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
_KIND = {"met": "pass", "unmet": "fail", "waived": "fail", "unknown": "open"}


def render(results: Results, where: str = "true") -> Iterator[str]:
    """One SARIF log with one run, its results streamed."""
    ran = results.manifest.data.get("checks", ())
    checks = [results.checks[i] for i in ran if i in results.checks]
    rules = {check.id: n for n, check in enumerate(checks)}
    head = {"$schema": SCHEMA, "version": "2.1.0"}
    yield compact(head)[:-1] + ',"runs":[' + compact(_run(results, checks))[:-1] + ',"results":['
    separator = "\n"
    for entry in entries(results, where):
        yield separator + compact(_result(entry, rules))
        separator = ",\n"
    yield "\n]}]}\n"


def _run(results: Results, checks: Sequence[Check]) -> dict[str, Any]:
    manifest = results.manifest
    taxa = _taxa(checks)
    names = list(taxa)
    return {
        "tool": {
            "driver": {
                "name": "Sharedline",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(check, names, taxa) for check in checks],
                "supportedTaxonomies": [{"name": n, "index": i} for i, n in enumerate(names)],
            }
        },
        "taxonomies": [_taxonomy(name, ids) for name, ids in taxa.items()],
        "automationDetails": {"id": f"sharedline/{manifest.id}"},
        "invocations": [
            {
                "executionSuccessful": not manifest.incomplete,
                "startTimeUtc": iso(manifest.started),
                "endTimeUtc": iso(manifest.ended),
                "toolExecutionNotifications": [_notification(f) for f in manifest.failures],
            }
        ],
        "columnKind": "unicodeCodePoints",
    }


def _taxa(checks: Sequence[Check]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for check in checks:
        for framework, ids in check.controls.items():
            found.setdefault(framework, set()).update(ids)
    return {name: sorted(ids) for name, ids in sorted(found.items())}


def _taxonomy(name: str, ids: Sequence[str]) -> dict[str, Any]:
    organization, title, version = FRAMEWORKS.get(name, ("", name, ""))
    out: dict[str, Any] = {"name": name, "shortDescription": {"text": title}}
    if organization:
        out |= {"organization": organization, "version": version}
    return {**out, "isComprehensive": False, "taxa": [{"id": i} for i in ids]}


def _rule(
    check: Check, names: Sequence[str], taxa: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    relationships = [
        {
            "target": {
                "id": control,
                "index": taxa[framework].index(control),
                "toolComponent": {"name": framework, "index": names.index(framework)},
            },
            "kinds": ["relevant"],
        }
        for framework, ids in check.controls.items()
        for control in ids
    ]
    return {
        "id": check.id,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": check.why},
        "help": {
            "text": check.fix,
            "markdown": f"{check.why}\n\n```sh\n{check.fix}\n```\n",
        },
        "defaultConfiguration": {"level": LEVEL[check.severity]},
        "relationships": relationships,
        "properties": {
            "duty": check.duty,
            "severity": check.severity,
            "security-severity": SCORE[check.severity],
            "tags": ["security", check.duty],
        },
    }


def _notification(failure: Mapping[str, Any]) -> dict[str, Any]:
    place = f"{failure.get('account_id', '')} {failure.get('region', '')}".strip()
    answer = f"{failure['call']} answered {failure['code']}"
    return {
        "level": "error",
        "message": {"text": f"{failure['table']} could not be listed in {place}: {answer}."},
        "descriptor": {"id": f"unreadable/{failure['table']}"},
    }


def _result(entry: Entry, rules: Mapping[str, int]) -> dict[str, Any]:
    f = entry.finding
    kind = _KIND[f.status]
    out: dict[str, Any] = {
        "ruleId": f.check,
        "kind": kind,
        "level": LEVEL.get(f.severity, "warning") if kind == "fail" else "none",
        "message": {"text": f"{entry.title}: {f.reason or f.status}"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": quote(f.resource, safe=":/")}},
                "logicalLocations": [{"fullyQualifiedName": f.resource, "kind": "resource"}],
            }
        ],
        "partialFingerprints": {"checkAndResource/v1": fingerprint(f.check, f.resource)},
        "properties": {
            "ok": f.ok, "status": f.status, "reason": f.reason, "resource": f.resource,
            "duty": f.duty, "side": f.side.value, "owner": f.owner, "life": f.life.value,
            "since": iso(f.since), "accountId": f.account_id, "region": f.region,
            "deniedCall": f.denied_call, "grant": f.grant,
            "controls": {k: list(v) for k, v in f.controls.items()},
        },
    }
    if f.check in rules:
        out["ruleIndex"] = rules[f.check]
    if f.status == "waived":
        out["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": entry.waiver}
        ]
    return out


def fingerprint(check: str, resource: str) -> str:
    """The same for the same check and resource in every scan."""
    return hashlib.sha256(f"{check}\n{resource}".encode("utf-8", "replace")).hexdigest()
