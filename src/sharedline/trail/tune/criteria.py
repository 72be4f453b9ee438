"""Whether a finding meets the criteria of a GuardDuty filter or a Security Hub automation rule.

Sources (read 2026-11-22): "Filtering findings in GuardDuty",
https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_filter-findings.html; "StringFilter" and
"MapFilter", https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_StringFilter.html and
.../API_MapFilter.html; "Understanding automation rules in Security Hub CSPM",
https://docs.aws.amazon.com/securityhub/latest/userguide/automation-rules.html.

Three answers: true, false, and None where the scan does not hold what the criterion asks of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sharedline.iam.globs import glob

Row = Mapping[str, Any]
Answer = bool | None
#: The criteria of GuardDuty that columns of `guardduty_finding` answer, in lower case.
GUARDDUTY: Mapping[str, str] = {
    "accountid": "finding_account_id",
    "id": "id",
    "region": "region",
    "severity": "severity",
    "type": "type",
    "createdat": "created_at",
    "updatedat": "updated_at",
    "service.archived": "archived",
    "service.count": "finding_count",
    "resource.resourcetype": "resource_type",
}
#: The criteria of Security Hub that columns of `securityhub_finding` answer.
SECURITYHUB: Mapping[str, str] = {
    "Id": "arn",
    "AwsAccountId": "account_id",
    "GeneratorId": "generator_id",
    "Title": "title",
    "ProductName": "product_name",
    "SeverityLabel": "severity_label",
    "WorkflowStatus": "workflow_status",
    "RecordState": "record_state",
    "CreatedAt": "created_at",
    "UpdatedAt": "updated_at",
    "ResourceId": "resource_id",
    "ResourceRegion": "region",
}
#: A finding can be about several resources, of which the scan holds the first.
_FIRST = frozenset({"ResourceId", "ResourceRegion"})
_OLDER = {
    "eq": "equals",
    "neq": "notequals",
    "gt": "greaterthan",
    "gte": "greaterthanorequal",
    "lt": "lessthan",
    "lte": "lessthanorequal",
}


def every(answers: Iterable[Answer]) -> Answer:
    """Three-valued "and"."""
    found = list(answers)
    return False if False in found else None if None in found else True


def some(answers: Iterable[Answer]) -> Answer:
    """Three-valued "or"."""
    found = list(answers)
    return True if True in found else None if None in found else False


# -- GuardDuty -------------------------------------------------------------------------------


def guardduty(criterion: Mapping[str, Any], finding: Row) -> Answer:
    """Each attribute must hold; of the values of one attribute any does."""
    return every(_attribute(name, asked, finding) for name, asked in criterion.items())


def _attribute(name: str, asked: Any, finding: Row) -> Answer:
    column = GUARDDUTY.get(name.lower())
    value = finding.get(column) if column else None
    if not isinstance(asked, Mapping):
        return None
    if value is None:
        return None
    return every(
        _condition(_OLDER.get(kind.lower(), kind.lower()), wanted, value)
        for kind, wanted in asked.items()
        if wanted is not None
    )


def _condition(kind: str, wanted: Any, value: Any) -> Answer:
    values = wanted if isinstance(wanted, list) else [wanted]
    if kind in ("equals", "notequals"):
        return _same(values, value) is (kind == "equals")
    if kind in ("matches", "notmatches"):
        found = any(glob(str(one)).matches(str(value)) for one in values)
        return found is (kind == "matches")
    number, bound = _number(value), _number(wanted)
    if number is None or bound is None:
        return None
    compared = {
        "greaterthan": number > bound,
        "greaterthanorequal": number >= bound,
        "lessthan": number < bound,
        "lessthanorequal": number <= bound,
    }
    return compared.get(kind)


def _same(values: Sequence[Any], value: Any) -> bool:
    if isinstance(value, float):
        # A level is asked for by its whole numbers: 7 and 8 are all of HIGH, 7.5 too.
        return any((n := _number(one)) is not None and n in (value, value // 1) for one in values)
    if isinstance(value, bool):
        return str(value).lower() in {str(one).lower() for one in values}
    if isinstance(value, datetime):
        return _number(value) in {_number(one) for one in values}
    return str(value) in {str(one) for one in values}


def _number(value: Any) -> float | None:
    """A number; times are milliseconds since 1970, as GuardDuty's criteria have them."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).timestamp() * 1000
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


# -- Security Hub ----------------------------------------------------------------------------


def securityhub(criteria: Mapping[str, Any], finding: Row, as_of: datetime) -> Answer:
    """Each field must hold; filters of one field are joined as `StringFilter` says."""
    return every(_field(name, asked, finding, as_of) for name, asked in criteria.items() if asked)


def _field(name: str, asked: Any, finding: Row, as_of: datetime) -> Answer:
    column = SECURITYHUB.get(name)
    value = finding.get(column) if column else None
    if value is None or not isinstance(asked, list):
        return None
    if isinstance(value, datetime):
        return some(_dated(one, value, as_of) for one in asked)
    answer = _text(asked, str(value))
    # Another resource of the finding might match, or not.
    return None if name in _FIRST and not answer else answer


def _text(asked: Sequence[Any], value: str) -> Answer:
    wanted: list[Answer] = []
    refused: list[Answer] = []
    for one in asked:
        if not isinstance(one, Mapping):
            return None
        kind, text = str(one.get("Comparison", "EQUALS")), str(one.get("Value", ""))
        if kind == "PREFIX_NOT_EQUALS":
            refused.append(not value.startswith(text))
        elif kind.startswith("NOT_"):
            refused.append(not _positive(kind.removeprefix("NOT_"), text, value))
        else:
            wanted.append(_positive(kind, text, value))
    return every([*([some(wanted)] if wanted else ()), *refused])


def _positive(kind: str, text: str, value: str) -> Answer:
    if kind == "EQUALS":
        return value == text
    if kind == "PREFIX":
        return value.startswith(text)
    if kind == "CONTAINS":
        return text in value
    if kind == "CONTAINS_WORD":
        return text.lower() in re.findall(r"\w+", value.lower())
    return None


def _dated(asked: Any, value: datetime, as_of: datetime) -> Answer:
    if not isinstance(asked, Mapping):
        return None
    value = value.replace(tzinfo=value.tzinfo or UTC)
    span = asked.get("DateRange")
    if isinstance(span, Mapping):
        days = _number(span.get("Value"))
        return None if days is None else value >= as_of - timedelta(days=days)
    bounds = []
    for name, sign in (("Start", 1), ("End", -1)):
        if asked.get(name):
            try:
                bound = datetime.fromisoformat(str(asked[name]))
            except ValueError:
                return None
            bound = bound.replace(tzinfo=bound.tzinfo or UTC)
            bounds.append((value - bound) * sign >= timedelta())
    return every(bounds)
