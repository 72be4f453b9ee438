"""The verdict as data: the stable JSON, which the page and the Markdown are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sharedline.incident.model import Step
from sharedline.incident.verdict import Evidence, Judgement
from sharedline.incident.verdict_rules import capabilities
from sharedline.incident.verdict_sum import Row, Verdict
from sharedline.text import iso


@dataclass(frozen=True, slots=True)
class Told:
    """A verdict with what is known only outside it: the folder of runbooks."""

    verdict: Verdict
    runbooks: Path | None = None

    def data(self) -> dict[str, Any]:
        """Everything, as JSON knows it; fields are added, never renamed."""
        verdict, chain = self.verdict, self.verdict.chain
        subject = chain.subject
        return {
            "subject": {
                "kind": subject.kind,
                "id": subject.id,
                "title": subject.title,
                "severity": subject.severity,
                "type": subject.type,
                "account": subject.account,
                "region": subject.region,
                "time": iso(subject.time),
            },
            "summary": list(verdict.summary),
            "chain": [self._step(n, s) for n, s in enumerate(chain.steps)],
            "verdict": [self._row(r) for r in verdict.rows],
            "counterfactual": [
                {"duty": r.duty, "owner": r.owner, **(self._stopped(r.stops) or {})}
                for r in verdict.first
            ],
            "unknown": [
                {"what": u.what, "where": u.where, "code": u.code} for u in verdict.unknown
            ],
            "call_first": [
                {"owner": c.owner, "person": c.person, "duties": list(c.duties), "why": c.why}
                for c in verdict.calls
            ],
            "runbooks": [self._runbook(r) for r in verdict.runbooks],
            "provider": self._provider(),
            "scans": [{"id": m.id, "as_of": iso(m.as_of)} for m in verdict.judged.scans],
            "notes": [*chain.notes, *verdict.judged.notes],
            "truncated": chain.truncated,
            "since": iso(chain.since),
            "until": iso(chain.until),
        }

    def _step(self, number: int, step: Step) -> dict[str, Any]:
        judged = self.verdict.judged
        kinds = [rule for position, rule in judged.kinds if position == number]
        return {
            "step": number + 1,
            "time": iso(step.time),
            "event": step.name,
            "event_id": step.event,
            "principal": step.principal,
            "technique": step.techniques[0] if step.techniques else "",
            "techniques": list(step.techniques),
            "tactics": list(step.tactics),
            "kinds": [rule.title for rule in kinds],
            "issuer": step.issuer,
            "session": step.session,
            "account": step.account,
            "region": step.region,
            "address": step.address,
            "agent": step.agent,
            "resources": list(step.resources),
            "error": step.error,
            "count": step.count,
            "last": iso(step.last),
            "linked_to": step.linked_to,
            "why": step.why,
            "strength": step.strength,
            "duties": [_judgement(j) for j in judged.of(number)],
        }

    def _row(self, row: Row) -> dict[str, Any]:
        known = capabilities()
        steps = self.verdict.chain.steps
        return {
            "duty": row.duty,
            "title": row.title,
            "side": row.side,
            "owner": row.owner,
            "status": row.status,
            "effect": list(row.effects),
            "why": list(row.why),
            "evidence": _evidence(row.evidence),
            "would_have_stopped": self._stopped(row.stops),
            "steps": [{"step": n + 1, "event": steps[n].name} for n in row.steps],
            "capabilities": [
                {
                    "name": c,
                    "title": known[c].title,
                    "since": known[c].date.isoformat(),
                    "source": known[c].source,
                }
                for c in row.capabilities
                if c in known
            ],
        }

    def _stopped(self, number: int | None) -> dict[str, Any] | None:
        if number is None:
            return None
        step = self.verdict.chain.steps[number]
        return {
            "step": number + 1,
            "event": step.name,
            "event_id": step.event,
            "time": iso(step.time),
        }

    def _runbook(self, name: str) -> dict[str, Any]:
        path = f"runbooks/{name}.md"
        written = self.runbooks is not None and (self.runbooks / f"{name}.md").is_file()
        shipped = f"sharedline runbooks show {name}"
        return {
            "name": name,
            "path": path,
            "written": written,
            "open": path if written else shipped,
        }

    def _provider(self) -> list[dict[str, str]]:
        """Where AWS's part is worth saying: its own flaws, and what was never its to do."""
        rules = {rule.id: rule for _, rule in self.verdict.judged.kinds}
        return [
            {"kind": r.title, "flaw": str(r.kind == "aws").lower(), "aws": r.aws, "you": r.customer}
            for r in rules.values()
            if r.aws or r.customer
        ]


def _judgement(one: Judgement) -> dict[str, Any]:
    return {
        "duty": one.duty,
        "effect": one.effect,
        "side": one.side,
        "owner": one.owner,
        "status": one.status,
        "why": one.why,
        "would_have_stopped": one.stops,
        "line": one.line,
        "rule": one.rule,
        "evidence": _evidence(one.evidence),
    }


def _evidence(found: Sequence[Evidence]) -> list[dict[str, str]]:
    return [{"kind": e.kind, "says": e.says, "ref": e.ref} for e in found]
