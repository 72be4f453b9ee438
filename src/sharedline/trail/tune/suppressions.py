"""Judges what hides findings from people: GuardDuty's filters, Security Hub's automation rules."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sharedline.trail.tune import criteria

Rows = Callable[[str], Iterable[Mapping[str, Any]]]
SEVERITIES = ("critical", "high", "medium", "low", "informational")
#: A suppression that takes this share of all findings (and at least so many) hides too much.
SHARE, FEW = 0.5, 5
#: So many findings are named.
NAMED = 20
#: Criteria that narrow a filter of GuardDuty down to something; its account or Region does not.
_NARROW = ("type", "id", "resource.", "service.action", "service.additionalinfo")
#: Criteria that say what an automation rule of Security Hub is about.
_ABOUT = frozenset(
    {
        "Id",
        "GeneratorId",
        "Type",
        "Title",
        "Description",
        "ComplianceSecurityControlId",
        "ResourceId",
        "ResourceTags",
        "ResourceDetailsOther",
        "ResourceApplicationArn",
        "ResourceApplicationName",
        "RelatedFindingsId",
        "UserDefinedFields",
    }
)
#: What an automation rule does that takes a finding out of people's sight.
_STATES = frozenset({"SUPPRESSED", "RESOLVED"})
_LOW = frozenset({"LOW", "INFORMATIONAL"})


@dataclass(frozen=True)
class Suppression:
    """A filter or rule and what it hides of the scan's findings, certainly and perhaps.

    `verdict` is `too broad`, `narrow`, `hides nothing` (it only sorts, or is off) or `unknown`.
    """

    kind: str
    arn: str
    name: str
    account: str
    region: str
    does: str
    verdict: str
    reason: str
    limits: tuple[str, ...] = ()
    seen: int = 0
    hides: Mapping[str, int] = field(default_factory=dict)
    may_hide: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "kind": self.kind,
            "arn": self.arn,
            "name": self.name,
            "account": self.account,
            "region": self.region,
            "does": self.does,
            "verdict": self.verdict,
            "reason": self.reason,
            "limited_by": list(self.limits),
            "findings_seen": self.seen,
            "hides": dict(self.hides),
            "may_hide": dict(self.may_hide),
            "findings": list(self.findings),
        }


def judge(rows: Rows, as_of: datetime) -> list[Suppression]:
    """Each filter and rule of a scan, the broadest first; `rows` reads a table of the scan."""
    found = [*_filters(rows), *_rules(rows, as_of)]
    order = ("too broad", "unknown", "narrow", "hides nothing")
    return sorted(
        found, key=lambda s: (order.index(s.verdict), s.kind, s.account, s.region, s.name)
    )


@dataclass
class _Hidden:
    """The findings that one suppression hides."""

    certain: Counter[str] = field(default_factory=Counter)
    perhaps: Counter[str] = field(default_factory=Counter)
    names: list[tuple[int, str]] = field(default_factory=list)
    seen: int = 0

    def add(self, severity: str, arn: str, answer: criteria.Answer) -> None:
        self.seen += 1
        if answer is None:
            self.perhaps[severity] += 1
        elif answer:
            self.certain[severity] += 1
            self.names.append((SEVERITIES.index(severity), arn))

    def verdict(self, structural: str) -> tuple[str, str]:
        """The verdict and its reason; `structural` says what is wrong whatever was found."""
        grave = [s for s in SEVERITIES[:2] if self.certain[s]]
        if grave:
            listed = " and ".join(f"{self.certain[s]} {s}" for s in grave)
            number = sum(self.certain[s] for s in grave)
            return "too broad", f"it hides {listed} finding{'s' * (number != 1)}"
        if structural:
            return "too broad", structural
        number = self.certain.total()
        if number >= FEW and number >= SHARE * self.seen:
            return "too broad", f"it hides {number} of the {self.seen} findings"
        perhaps = [s for s in SEVERITIES[:2] if self.perhaps[s]]
        if perhaps:
            listed = " and ".join(f"{self.perhaps[s]} {s}" for s in perhaps)
            return "unknown", f"it may hide {listed}: the scan does not hold all that it asks"
        if not number:
            return "narrow", f"it hides none of the {self.seen} findings of the scan"
        return "narrow", f"it hides {number} of the {self.seen} findings, none of them grave"

    def counted(self) -> dict[str, Any]:
        return {
            "seen": self.seen,
            "hides": {s: self.certain[s] for s in SEVERITIES if self.certain[s]},
            "may_hide": {s: self.perhaps[s] for s in SEVERITIES if self.perhaps[s]},
            "findings": tuple(arn for _, arn in sorted(self.names)[:NAMED]),
        }


# -- GuardDuty -------------------------------------------------------------------------------


def _filters(rows: Rows) -> list[Suppression]:
    findings = [
        {**f, "id": str(f["arn"]).rpartition("/")[2], "archived": False}
        for f in rows("guardduty_finding")
    ]
    made = []
    for row in rows("guardduty_filter"):
        base = {
            "kind": "GuardDuty filter",
            "arn": f"{row['detector_arn']}/filter/{row['name']}",
            "name": row["name"],
            "account": row["account_id"],
            "region": row["region"],
            "does": {"ARCHIVE": "archives", "NOOP": "sorts"}.get(row["action"] or "", ""),
        }
        asked = _read(row["finding_criteria"], "Criterion")
        if row["action"] is None or asked is None:
            why = "its criteria could not be read"
            made.append(Suppression(**base, verdict="unknown", reason=why))
            continue
        # A rule of suppression sees findings before they are archived.
        asked = {k: v for k, v in asked.items() if k.lower() != "service.archived"}
        limits = tuple(sorted(asked))
        if row["action"] != "ARCHIVE":
            why = "it only sorts what people see"
            made.append(Suppression(**base, verdict="hides nothing", reason=why, limits=limits))
            continue
        hidden = _Hidden()
        for finding in findings:
            if finding.get("detector_id") == row["detector_id"]:
                level = level_of(finding["severity"])
                hidden.add(level, finding["arn"], criteria.guardduty(asked, finding))
        verdict, why = hidden.verdict(_loose(asked))
        made.append(
            Suppression(**base, verdict=verdict, reason=why, limits=limits, **hidden.counted())
        )
    return made


def _loose(asked: Mapping[str, Any]) -> str:
    """What is wrong with the criteria of a filter that archives, whatever findings there are."""
    narrow = [k for k in asked if k.lower().startswith(_NARROW) and _includes(asked[k])]
    capped = any(
        criteria.guardduty({"severity": asked["severity"]}, {"severity": float(s)}) is False
        for s in (7, 8, 9, 10)
        if "severity" in asked
    )
    if narrow or capped:
        return ""
    return f"no kind, resource or severity limits it (only {', '.join(sorted(asked)) or 'nothing'})"


def _includes(asked: Any) -> bool:
    """Whether a condition names something, and not only what it leaves out."""
    names = {str(k).lower() for k, v in asked.items() if v} if isinstance(asked, Mapping) else set()
    return bool(names - {"neq", "notequals", "notmatches"})


def level_of(severity: float | None) -> str:
    """GuardDuty's level of a severity; what is not known is taken as grave."""
    if severity is None or severity >= 9:
        return "critical"
    return "high" if severity >= 7 else "medium" if severity >= 4 else "low"


# -- Security Hub ----------------------------------------------------------------------------


def _rules(rows: Rows, as_of: datetime) -> list[Suppression]:
    findings = list(rows("securityhub_finding"))
    made = []
    for row in rows("securityhub_automation_rule"):
        base = {
            "kind": "Security Hub rule",
            "arn": row["arn"],
            "name": row["rule_name"] or "",
            "account": row["account_id"],
            "region": row["region"],
            "does": _does(row),
        }
        asked = _read(row["criteria"], "")
        if asked is None or row["rule_status"] is None:
            why = "its criteria could not be read"
            made.append(Suppression(**base, verdict="unknown", reason=why))
            continue
        asked = {k: v for k, v in asked.items() if v}
        limits = tuple(sorted(asked))
        if not base["does"]:
            why = "it takes nothing out of sight"
            made.append(Suppression(**base, verdict="hides nothing", reason=why, limits=limits))
            continue
        hidden = _Hidden()
        for finding in findings:
            if finding["region"] == row["region"]:
                level = str(finding["severity_label"] or "critical").lower()
                answer = criteria.securityhub(asked, finding, as_of)
                hidden.add(level if level in SEVERITIES else "critical", finding["arn"], answer)
        verdict, why = hidden.verdict(_about(asked))
        if row["rule_status"] != "ENABLED":
            why = f"it is off; {why.replace('it hides', 'it would hide')}"
            verdict = "hides nothing"
        made.append(
            Suppression(**base, verdict=verdict, reason=why, limits=limits, **hidden.counted())
        )
    return made


def _does(row: Mapping[str, Any]) -> str:
    state, label = row["sets_workflow_status"] or "", row["sets_severity_label"] or ""
    parts = [f"sets {state}"] if state in _STATES else []
    parts += [f"lowers to {label}"] if label in _LOW else []
    return " and ".join(parts)


def _about(asked: Mapping[str, Any]) -> str:
    """What is wrong with the criteria of a rule, whatever findings there are."""
    named = [k for k in asked if k in _ABOUT and _named(asked[k])]
    labels = asked.get("SeverityLabel") or []
    # Without a limit on severity, or with one that lets the gravest through.
    levels = [{"severity_label": name.upper()} for name in SEVERITIES[:2]]
    epoch = datetime.fromtimestamp(0, UTC)
    grave = [
        one
        for one in levels
        if criteria.securityhub({"SeverityLabel": labels}, one, epoch) is not False
    ]
    if named or not grave:
        return ""
    limits = ", ".join(sorted(asked)) or "nothing"
    return f"no control, kind or resource limits it, nor its severity (only {limits})"


def _named(asked: Any) -> bool:
    return any(
        not str(one.get("Comparison", "EQUALS")).startswith(("NOT_", "PREFIX_NOT"))
        for one in asked
        if isinstance(one, Mapping)
    )


def _read(text: str | None, member: str) -> Mapping[str, Any] | None:
    """The criteria as JSON has them; None where they could not be read."""
    if text is None:
        return None
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return None
    found = found.get(member) or {} if member and isinstance(found, Mapping) else found
    return found if isinstance(found, Mapping) else None


def worst(found: Sequence[Suppression]) -> str:
    """The worst verdict of all."""
    verdicts = {one.verdict for one in found}
    return next((v for v in ("too broad", "unknown") if v in verdicts), "")
