"""Reports, parts and AWS clients that the tests of Artifact share."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import boto3
from botocore.stub import Stubber

from sharedline.comply.artifact.model import Register, Report, Terms
from sharedline.comply.model import Part
from sharedline.model import Side

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOC = "report-SOC2SOC2SOC2SOC2"
ISO = "report-ISO1ISO1ISO1ISO1"
PDF = b"%PDF-1.7\nwhat the auditor says\n%%EOF\n"
TERMS = b"%PDF-1.7\nterms\n%%EOF\n"
WINDOW = (date(2026, 1, 1), date(2026, 9, 30))
ACCEPTED = Terms("a" * 64, "terms.pdf", NOW, "Ada Lovelace", NOW)


def day(text: str) -> date:
    return date.fromisoformat(text)


def report(
    name: str = "SOC 2 Report",
    start: str = "2025-10-01",
    end: str = "2026-09-30",
    *,
    on_file: bool = True,
    **more: Any,
) -> Report:
    """A report that is on file with its terms accepted, unless said otherwise."""
    held: dict[str, Any] = {"sha256": "b" * 64, "file": "b.pdf", "bytes": 9, "terms": ACCEPTED}
    given: dict[str, Any] = {
        "id": SOC,
        "version": 1,
        "period_start": day(start) if start else None,
        "period_end": day(end) if end else None,
        **(held if on_file else {}),
        **more,
    }
    return Report(name=name, **given)


def register(*reports: Report, **more: Any) -> Register:
    return Register(tuple(reports), **more)


def part(
    name: str = "PE-3",
    side: Side = Side.SHARED,
    framework: str = "nist-800-53-r5",
    **more: Any,
) -> Part:
    given = {"control": name, "title": name, "duties": ("facility.physical-security",), **more}
    return Part(framework, name, side=side, **given)


def summary(**more: Any) -> dict[str, Any]:
    """A report as ListReports gives it."""
    return {
        "id": SOC,
        "name": "SOC 2 Report",
        "series": "SOC",
        "category": "Certifications and Attestations",
        "periodStart": datetime(2025, 10, 1, tzinfo=UTC),
        "periodEnd": datetime(2026, 3, 31, 23, 59, tzinfo=UTC),
        "state": "PUBLISHED",
        "version": 3,
        "acceptanceType": "EXPLICIT",
        **more,
    }


def aws() -> tuple[Any, Stubber]:
    """A client of Artifact that answers what the test says, checked by botocore's own shapes."""
    client = boto3.client(
        "artifact", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    return client, Stubber(client)


def refuse(stub: Stubber, call: str, code: str = "AccessDeniedException") -> None:
    stub.add_client_error(call, code, "no", 403)
