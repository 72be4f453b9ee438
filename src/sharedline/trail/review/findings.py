"""Findings that wait: how long until somebody looked, and which nobody has touched."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sharedline.derive.base import Row, Rows

READS = {
    "guardduty_finding": ("type", "severity", "created_at", "archived", "finding_account_id"),
    "securityhub_finding": ("title", "severity_label", "created_at", "workflow_status"),
    "guardduty_filter": ("detector_arn", "name", "action", "finding_criteria"),
    "securityhub_automation_rule": ("rule_name", "rule_status", "sets_workflow_status"),
}
#: From which severity of GuardDuty a word begins.
_WORDS = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.0, "low"))


@dataclass(frozen=True)
class Limits:
    """Days within which a finding must be touched, by service and severity.

    They are the parameters of the checks `*/findings_handled_in_time`.
    """

    days: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def of(self, service: str, severity: str) -> float | None:
        """The days, or None where there is no limit."""
        return self.days.get(service, {}).get(severity)

    @classmethod
    def from_params(cls, params: Mapping[str, Mapping[str, Any]]) -> Limits:
        """From the checks' parameters by service: `max_days_high` and the like."""
        mark = "max_days_"
        return cls(
            {
                service: {k[len(mark) :]: float(v) for k, v in given.items() if k.startswith(mark)}
                for service, given in params.items()
            }
        )


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return None


def _word(severity: float | None) -> str:
    if severity is None:
        return ""
    return next((word for least, word in _WORDS if severity >= least), "low")


def open_findings(tables: Rows, until: datetime, limits: Limits) -> list[Row]:
    """The findings that the scan found open, with their age and limit."""
    found = []
    for row in tables.get("guardduty_finding", ()):
        if not row["archived"]:
            word = _word(row["severity"])
            found.append(_finding("guardduty", row, row["type"], word, None))
    for row in tables.get("securityhub_finding", ()):
        label = (row["severity_label"] or "").lower()
        found.append(_finding("securityhub", row, row["title"], label, row["workflow_status"]))
    for one in found:
        limit = limits.of(one["service"], one["severity"])
        age = (until - one["created_at"]).total_seconds() / 86400 if one["created_at"] else None
        one["age_days"] = None if age is None else round(age, 1)
        one["limit_days"] = limit
        one["past_limit"] = None if age is None or limit is None else age > limit
    return [f for f in found if f["created_at"] is None or f["created_at"] < until]


def _finding(service: str, row: Row, title: str, severity: str, workflow: str | None) -> Row:
    return {
        "service": service,
        "account_id": row["account_id"],
        "region": row["region"],
        "arn": row["arn"],
        "title": title,
        "severity": severity,
        "workflow": workflow,
        "created_at": _moment(row["created_at"]),
    }


def place_of(row: Row) -> tuple[str, str, str]:
    """Where a finding is seen."""
    return row["account_id"], row["service"], row["region"]


def place_of_source(row: Row) -> tuple[str, str, str]:
    """The same of a source."""
    return row["account_id"], row["source"], row["region"]


def judged(
    found: Sequence[Row],
    sources: Sequence[Row],
    seen: Mapping[tuple[str, ...], Sequence[datetime]],
    changes: Sequence[Row],
    since: datetime,
) -> list[Row]:
    """Findings with the first look after they were made, and who touched them."""
    at = {place_of_source(s): s for s in sources}
    times = {(k[0], k[1], k[3]): v for k, v in seen.items()}
    touched: dict[tuple[str, str], Row] = {}
    for change in changes:
        if change["reader"] == "person":
            for finding in change["findings"]:
                touched.setdefault((change["service"], finding), change)
    out = []
    for row in found:
        source = at.get(place_of(row))
        lacks = source["lacks"] if source else "the scan names no such detector or hub"
        look, why = _first(row, times.get(place_of(row), ()), since, lacks)
        hours = (look - row["created_at"]).total_seconds() / 3600 if look else None
        ids = (row["arn"], row["arn"].rsplit("/", 1)[-1])
        touches = (touched[row["service"], i] for i in ids if (row["service"], i) in touched)
        done = next(touches, None)
        out.append(
            {
                **row,
                "first_look_at": look,
                "wait_hours": None if hours is None else round(hours, 1),
                "look": why,
                "touched": _touched(row, done, lacks),
                "touched_by": done["who"] if done else "",
                "touched_at": done["at"] if done else None,
                "owner": "",
            }
        )
    return sorted(out, key=lambda r: (not r["past_limit"], r["created_at"] or since, r["arn"]))


def _first(
    row: Row, times: Sequence[datetime], since: datetime, lacks: str
) -> tuple[datetime | None, str]:
    made = row["created_at"]
    if made is None:
        return None, "when it was made is not known"
    place = bisect_left(times, made)
    if made < since:
        return None, "made before the time reviewed"
    if place < len(times):
        return times[place], "looked at"
    return None, f"unknown: {lacks}" if lacks else "nobody looked since"


def _touched(row: Row, change: Row | None, lacks: str) -> bool | None:
    """Whether a person did anything about it; Security Hub's workflow says so itself."""
    if change is not None:
        return True
    if row["service"] == "securityhub" and row["workflow"]:
        return bool(row["workflow"] != "NEW")
    return None if lacks else False


def hiding(tables: Rows) -> list[Row]:
    """What archives or suppresses findings by itself: no review, whatever it hides."""
    found = []
    for row in tables.get("guardduty_filter", ()):
        if row["action"] == "ARCHIVE":
            names = ", ".join(sorted(_criteria(row["finding_criteria"]))) or "everything"
            what = f"archives findings by {names}, unseen"
            found.append(_hider("guardduty", row, row["name"], what))
    for row in tables.get("securityhub_automation_rule", ()):
        if row["sets_workflow_status"] in ("SUPPRESSED", "RESOLVED"):
            state = row["sets_workflow_status"].lower()
            off = " (switched off)" if row["rule_status"] == "DISABLED" else ""
            what = f"sets findings to {state}, unseen{off}"
            found.append(_hider("securityhub", row, row["rule_name"], what))
    return found


def _criteria(given: str | None) -> Mapping[str, Any]:
    try:
        return dict(json.loads(given or "{}").get("Criterion") or {})
    except (ValueError, AttributeError):
        return {}


def _hider(service: str, row: Row, name: str, what: str) -> Row:
    place = {k: row[k] for k in ("account_id", "region", "arn")}
    return {"service": service, **place, "name": name, "what": what}


def waiting(rows: Sequence[Row]) -> list[Row]:
    """Findings past their limit that nobody has touched, as far as is known."""
    return [r for r in rows if r["past_limit"] and r["touched"] is not True]


def told(row: Mapping[str, Any]) -> str:
    """Whether a finding was looked at and touched, in words."""
    said = str(row["look"])
    if row["wait_hours"] is not None:
        said = f"looked at after {ago(row['wait_hours'])}"
    if row["touched_by"]:
        return f"{said}; {row['touched_by']} changed it"
    return f"{said}; untouched" if row["touched"] is False else said


def ago(hours: float | None) -> str:
    """Hours as people say them."""
    if hours is None:
        return "?"
    delta = timedelta(hours=hours)
    if delta.days >= 2:
        return f"{delta.days} days"
    return f"{round(hours)} h" if hours >= 2 else f"{round(hours * 60)} min"
