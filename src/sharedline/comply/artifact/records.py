"""Reports and agreements as AWS Artifact's API writes them, read into values of ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sharedline.comply.artifact.model import Agreement, Report
from sharedline.errors import Error

_FIELDS = {
    "arn": "arn",
    "name": "name",
    "series": "series",
    "category": "category",
    "description": "description",
    "companyName": "company",
    "productName": "product",
    "state": "state",
    "acceptanceType": "acceptance",
    "termArn": "term_arn",
}
_AGREED = {
    "arn": "arn",
    "name": "name",
    "agreementArn": "agreement_arn",
    "awsAccountId": "account",
    "organizationArn": "organization",
    "state": "state",
    "type": "type",
    "description": "description",
}


def as_report(raw: Mapping[str, Any], at: datetime, where: str) -> Report:
    """A report from Artifact's own JSON, as ListReports or GetReportMetadata return it."""
    given: dict[str, Any] = {ours: _text(raw.get(theirs)) for theirs, ours in _FIELDS.items()}
    version = raw.get("version")
    return Report(
        id=identity(raw),
        version=version if isinstance(version, int) and 0 < version < 1 << 31 else 0,
        period_start=day(raw.get("periodStart")),
        period_end=day(raw.get("periodEnd")),
        received=at,
        where=where,
        **{**given, "name": given["name"] or identity(raw)},
    )


def as_agreement(raw: Mapping[str, Any]) -> Agreement:
    """An agreement from Artifact's own JSON, as ListCustomerAgreements returns it."""
    given = {ours: _text(raw.get(theirs)) for theirs, ours in _AGREED.items()}
    return Agreement(
        id=identity(raw),
        effective_start=day(raw.get("effectiveStart")),
        effective_end=day(raw.get("effectiveEnd")),
        **{**given, "name": given["name"] or identity(raw)},
    )


def day(value: Any) -> date | None:
    """A day from a time-stamp of botocore or of JSON; None where there is none.

    Raises:
        Error: It is a text that is no day.
    """
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).date()
    if isinstance(value, date):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1 << 37:
        return datetime.fromtimestamp(value, UTC).date()
    if value in (None, ""):
        return None
    try:
        return day(datetime.fromisoformat(str(value)))
    except (ValueError, OverflowError) as error:
        raise Error(f"{str(value)[:40]!r} is no day.", "Write it as 2026-03-31.") from error


def identity(raw: Mapping[str, Any]) -> str:
    """The id that AWS gave it; empty where there is none."""
    return _text(raw.get("id"))


def _text(value: Any) -> str:
    return value[:4096] if isinstance(value, str) else ""
