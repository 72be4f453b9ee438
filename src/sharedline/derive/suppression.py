"""Which saved filters of GuardDuty archive findings that are serious."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sharedline.derive.base import Derivation, Row, Rows
from sharedline.derive.guardduty_types import NEVER_HIGH

#: Where GuardDuty's high severities begin.
HIGH = 7.0
_BELOW = ("LessThan", "Lt")
_UP_TO = ("LessThanOrEqual", "Lte")


def _highest(severity: dict[str, Any]) -> float:
    """The highest severity that a condition lets through (10 is GuardDuty's highest)."""
    bounds = [10.0]
    # Severities have one decimal, so what is below 7 is at most 6.9.
    bounds += [float(severity[k]) - 0.1 for k in _BELOW if severity.get(k) is not None]
    bounds += [float(severity[k]) for k in _UP_TO if severity.get(k) is not None]
    for name in ("Equals", "Eq"):
        named = severity.get(name)
        if named:
            # The console writes Low, Medium, High as 2, 5, 8.
            bounds.append(max(float(value) for value in named))
    return min(bounds)


def hides_high(action: str | None, criteria: str | None) -> tuple[bool | None, str]:
    """Whether a filter archives findings of high or critical severity."""
    if action is None or criteria is None:
        return None, ""
    if action != "ARCHIVE":
        return False, "the filter archives nothing"
    try:
        criterion = json.loads(criteria or "{}").get("Criterion") or {}
        highest = _highest(criterion.get("severity") or {})
    except ValueError:
        return None, "the filter's criteria are not understood"
    if highest < HIGH:
        return False, f"archives severities up to {highest:.1f}"
    kinds = criterion.get("type") or {}
    named = kinds.get("Equals") or kinds.get("Eq") or kinds.get("Matches") or []
    serious = [k for k in named if k not in NEVER_HIGH]
    if named and not serious:
        return False, "archives only kinds of findings that are never of high severity"
    if serious:
        return True, f"archives {serious[0]}, which can be of high severity"
    fields = ", ".join(sorted(criterion)) or "nothing"
    return True, f"archives findings of any severity (limited by {fields})"


def run(rows: Rows) -> Iterator[Row]:
    """One row per filter."""
    for row in rows.get("guardduty_filter", ()):
        hides, why = hides_high(row["action"], row["finding_criteria"])
        yield {
            "arn": f"{row['detector_arn']}/filter/{row['name']}",
            "account_id": row["account_id"],
            "region": row["region"],
            "name": row["name"],
            "action": row["action"],
            "hides_high": hides,
            "reason": why,
        }


GUARDDUTY_SUPPRESSION = Derivation(
    name="guardduty_suppression",
    doc="What a saved filter of GuardDuty keeps from people.",
    reads={"guardduty_filter": ("detector_arn", "name", "action", "finding_criteria")},
    columns={
        "arn": ("string", "The filter."),
        "account_id": ("string", "The account."),
        "region": ("string", "The Region."),
        "name": ("string", "The filter's name."),
        "action": ("string", "ARCHIVE or NOOP."),
        "hides_high": ("bool", "It archives findings of high or critical severity."),
        "reason": ("string", "Why."),
    },
    run=run,
)
