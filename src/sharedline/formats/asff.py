"""Findings in the AWS Security Finding Format, as `BatchImportFindings` takes them.

The limits are those that the service's own API model states. An unknown is `NOT_AVAILABLE` where a
call was denied and `WARNING` where AWS's answer does not say; it is never `PASSED`.
Ref: https://docs.aws.amazon.com/securityhub/latest/userguide/asff-required-attributes.html,
read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sharedline import __version__
from sharedline.formats.resource_types import resource_type
from sharedline.formats.sarif import fingerprint
from sharedline.formats.source import Entry, array, entries, iso
from sharedline.model import Finding
from sharedline.results import Results
from sharedline.text import visible

#: Where a finding about something without a Region is filed.
HOME = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
_REQUIREMENT = {
    "aws-fsbp": "AWS Foundational Security Best Practices v1.0.0/",
    "cis-aws-7.0.0": "CIS AWS Foundations Benchmark v7.0.0/",
    "nist-800-53-r5": "NIST.800-53.r5 ",
}
_TYPE = {
    "aws-fsbp": "AWS Foundational Security Best Practices",
    "cis-aws-7.0.0": "CIS AWS Foundations Benchmark",
    "nist-800-53-r5": "NIST 800-53 Controls (USA)",
}
_STANDARDS = "Software and Configuration Checks/Industry and Regulatory Standards"
_PRACTICE = "Software and Configuration Checks/AWS Security Best Practices"


def render(results: Results, where: str = "true") -> Iterator[str]:
    """A JSON array; `BatchImportFindings` takes a hundred of them a call, one account a call."""
    return array(_finding(e, results) for e in entries(results, where))


def cut(text: str, most: int) -> str:
    """One line of at most so many characters; the format allows no line breaks in a text."""
    line = " ".join(visible(" ".join(text.split())).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def status(finding: Finding) -> str:
    """The format's word for the answer."""
    if finding.ok is None:
        return "NOT_AVAILABLE" if finding.denied_call else "WARNING"
    return "PASSED" if finding.ok else "FAILED"


def _severity(finding: Finding) -> dict[str, str]:
    # AWS's guidance: what passed is informational. What is unknown keeps its weight.
    label = "INFORMATIONAL" if finding.ok else finding.severity.upper()
    return {"Label": label, "Original": finding.severity}


def _workflow(finding: Finding) -> str:
    if finding.status == "waived":
        return "SUPPRESSED"
    return "RESOLVED" if finding.ok else "NEW"


def _requirements(finding: Finding) -> list[str]:
    # The most specific first: of more than 32 only the first 32 may be given.
    order = {k: n for n, k in enumerate(_REQUIREMENT)}
    found = sorted(finding.controls.items(), key=lambda x: order.get(x[0], 9))
    return [f"{_REQUIREMENT.get(k, f'{k} ')}{i}" for k, ids in found for i in ids][:32]


def _types(finding: Finding) -> list[str]:
    named = [f"{_STANDARDS}/{_TYPE[k]}" for k in _TYPE if k in finding.controls]
    return named or [_PRACTICE]


def _resource(entry: Entry, partition: str) -> dict[str, Any]:
    f = entry.finding
    out: dict[str, Any] = {
        "Type": resource_type(f.resource),
        "Id": cut(f.resource, 512) or "unknown",
        "Partition": partition,
    }
    if f.region not in ("", "global"):
        out["Region"] = f.region
    tags = {cut(k, 128): cut(v, 256) for k, v in entry.tags.items() if k.strip()}
    return {**out, "Tags": tags} if tags else out


def _fields(entry: Entry, results: Results) -> dict[str, str]:
    f = entry.finding
    fields = {
        "sharedline/duty": f.duty,
        "sharedline/side": f.side.value,
        "sharedline/owner": f.owner,
        "sharedline/status": f.status,
        "sharedline/life": f.life.value,
        "sharedline/service": f.service,
        "sharedline/deniedCall": f.denied_call,
        "sharedline/grant": f.grant,
        "sharedline/waiver": entry.waiver,
        "sharedline/scan": results.manifest.id,
        "sharedline/version": __version__,
    }
    return {k: cut(v, 2048) for k, v in fields.items() if v.strip()}


def _compliance(finding: Finding) -> dict[str, Any]:
    why = cut(finding.reason, 2048) or finding.status
    return {
        "Status": status(finding),
        "RelatedRequirements": _requirements(finding),
        "StatusReasons": [
            {"ReasonCode": f"SHAREDLINE_{finding.status.upper()}", "Description": why}
        ],
    }


def _times(finding: Finding, as_of: datetime) -> dict[str, str]:
    observed = iso(as_of)
    since = iso(finding.since) or observed
    return {"FirstObservedAt": since, "LastObservedAt": observed, "CreatedAt": since,
            "UpdatedAt": observed}


def _finding(entry: Entry, results: Results) -> dict[str, Any]:
    f, manifest = entry.finding, results.manifest
    partition = manifest.data.get("partition", "aws")
    region = f.region if f.region not in ("", "global") else HOME.get(partition, "us-east-1")
    account = f.account_id or manifest.accounts[0]
    severity, types = _severity(f), _types(f)
    why = entry.check.why if entry.check else ""
    out: dict[str, Any] = {
        "SchemaVersion": "2018-10-08",
        "Id": f"sharedline/{cut(f.check, 400)}/{fingerprint(f.check, f.resource)[:32]}",
        "ProductArn": f"arn:{partition}:securityhub:{region}:{account}:product/{account}/default",
        "ProductName": "Sharedline",
        "CompanyName": "Sharedline",
        "GeneratorId": cut(f"sharedline/{f.check}", 512),
        "AwsAccountId": account,
        "Region": region,
        "Types": types,
        **_times(f, manifest.as_of),
        "Severity": severity,
        "Title": cut(entry.title, 256),
        "Description": cut(f"{f.reason.rstrip('.')}. {why}", 1024),
        "ProductFields": _fields(entry, results),
        "Resources": [_resource(entry, partition)],
        "Compliance": _compliance(f),
        "Workflow": {"Status": _workflow(f)},
        "RecordState": "ACTIVE",
        "FindingProviderFields": {"Severity": severity, "Types": types},
    }
    if entry.check:
        out["Remediation"] = {"Recommendation": {"Text": cut(entry.check.fix, 512)}}
    return out
