"""Which runbook answers each finding type, control and detection, and when it was last tested."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sharedline.model import SEVERITIES, Check
from sharedline.runbooks.estate import Answer, Estate
from sharedline.runbooks.guardduty import kinds
from sharedline.runbooks.library import Library
from sharedline.runbooks.model import Runbook, Trial
from sharedline.runbooks.rules import rules

#: How much an unanswered kind counts. `varies` counts as what AWS most often rates: high.
WEIGHTS = {"critical": 4, "high": 3, "varies": 3, "medium": 2, "low": 1, "informational": 1}
#: The framework whose ids are those of Security Hub's own controls.
CONTROLS = "aws-fsbp"
_ORDER = {"guardduty": 0, "control": 1, "check": 2, "detection": 3}


@dataclass(frozen=True, slots=True)
class Row:
    """Something that can be raised, and what answers it."""

    kind: str
    id: str
    title: str
    severity: str
    answer: Answer
    runbooks: tuple[Runbook, ...]
    #: How many of it are open now.
    open: int
    status: str
    last: Trial | None

    @property
    def weight(self) -> int:
        """Its share: none where the estate cannot raise it; what is not known counts as if."""
        return 0 if self.answer.can is False else WEIGHTS[self.severity]

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        can = {True: "yes", False: "no", None: "unknown"}[self.answer.can]
        return {
            "kind": self.kind,
            "id": self.id,
            "title": self.title,
            "severity": self.severity,
            "can_be_raised": can,
            "why": self.answer.why,
            "open": self.open,
            "weight": self.weight,
            "runbooks": [one.id for one in self.runbooks],
            "owners": sorted({one.owner for one in self.runbooks if one.owner}),
            "status": self.status,
            "tested": self.last.on.isoformat() if self.last else "",
            "how": self.last.how if self.last else "",
        }


@dataclass(frozen=True)
class Asked:
    """What coverage is judged by: the day, and how long a test is good for."""

    today: date
    days: int = 365

    def status(self, runbooks: Sequence[Runbook]) -> tuple[str, Trial | None]:
        """`tested`, `stale`, `untested` or `unanswered`, with the newest test."""
        if not runbooks:
            return "unanswered", None
        tests = [one.last for one in runbooks if one.last and one.last.on <= self.today]
        last = max(tests, key=lambda t: t.on, default=None)
        if last is None:
            return "untested", None
        return ("tested" if (self.today - last.on).days <= self.days else "stale"), last


def rows(library: Library, checks: Mapping[str, Check], estate: Estate, asked: Asked) -> list[Row]:
    """Everything that can be raised, what weighs most and nobody answers first."""

    def row(kind: str, name: str, title: str, severity: str, answer: Answer,
            runbooks: Iterable[Runbook], count: int) -> Row:  # fmt: skip
        found = tuple(runbooks)
        status, last = asked.status(found)
        return Row(kind, name, title, severity, answer, found, count, status, last)

    made = [
        row("guardduty", k.type, k.plan, k.severity, estate.guardduty(k),
            library.answering("guardduty", k.type), estate.findings.get(k.type, 0))
        for k in kinds().values()
    ]  # fmt: skip
    for kind, name, ids in _controls(checks):
        answering = {r.id: r for each in ids for r in library.answering("check", each)}
        unmet = sum(estate.checks.get(each, (0, 0))[1] for each in ids)
        worst = min((checks[each].severity for each in ids), key=SEVERITIES.index)
        title = checks[ids[0]].title
        made.append(row(kind, name, title, worst, estate.check(ids), answering.values(), unmet))
    for name, rule in rules().items():
        made.append(
            row("detection", name, rule.title, rule.level, estate.rule(name),
                library.answering("detection", name), estate.detections.get(rule.name, 0))
        )  # fmt: skip
    return sorted(made, key=lambda r: (_ORDER[r.kind], r.status != "unanswered", -r.weight, r.id))


def _controls(checks: Mapping[str, Check]) -> Iterator[tuple[str, str, list[str]]]:
    """Security Hub's controls with the checks that answer for them; then checks without one."""
    by_control: dict[str, list[str]] = defaultdict(list)
    alone = []
    for name, check in sorted(checks.items()):
        given = check.controls.get(CONTROLS, ())
        for control in given:
            by_control[control].append(name)
        if not given:
            alone.append(name)
    yield from (("control", control, ids) for control, ids in sorted(by_control.items()))
    yield from (("check", name, [name]) for name in alone)


def summary(found: Iterable[Row]) -> list[dict[str, Any]]:
    """Counts for each kind; every number is of rows that `rows` lists."""
    by_kind: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        by_kind[row.kind].append(row)
    out = []
    for kind, of_kind in sorted(by_kind.items(), key=lambda pair: _ORDER[pair[0]]):
        possible = [r for r in of_kind if r.answer.can is not False]
        out.append(
            {
                "kind": kind,
                "known": len(of_kind),
                "can_be_raised": sum(r.answer.can is True for r in of_kind),
                "unknown": sum(r.answer.can is None for r in of_kind),
                "answered": sum(r.status != "unanswered" for r in possible),
                "tested": sum(r.status == "tested" for r in possible),
                "weight": sum(r.weight for r in possible),
                "weight_answered": sum(r.weight for r in possible if r.status != "unanswered"),
                "weight_tested": sum(r.weight for r in possible if r.status == "tested"),
            }
        )
    return out
