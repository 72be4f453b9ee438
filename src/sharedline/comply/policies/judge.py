"""What proves each clause: AWS's half by its reports, yours by checks and statements, and who owns it.

A clause is judged by the weakest of what it asks for. The words are those of the matrix; `unmapped`
is a clause of which nobody has said what it asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

from sharedline.comply import weigh
from sharedline.comply.artifact.supports import ReportStatus
from sharedline.comply.artifact.supports import State as ReportState
from sharedline.comply.cover import Proof, prove
from sharedline.comply.model import Part
from sharedline.comply.policies.books import Books
from sharedline.comply.policies.clauses import Clause
from sharedline.comply.policies.mapping import Asked
from sharedline.comply.standing import DUTY, Standing, duty_part, owes
from sharedline.duties.catalogue import load as load_duties
from sharedline.model import NOBODY, Side, Status

Verdict = Literal["unmet", "unknown", "unverified", "unmapped", "waived", "inherited", "met"]
#: The worst first: a clause has the verdict of the worst of its parts.
ORDER: tuple[Verdict, ...] = (
    "unmet", "unknown", "unverified", "unmapped", "waived", "inherited", "met"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Half:
    """One side's half of a part: its verdict, and why."""

    verdict: Verdict
    sentence: str
    counts: Mapping[str, int] = field(default_factory=dict)
    checks: tuple[str, ...] = ()
    report: ReportStatus | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """One part that a clause asks for, both halves; None where a side has nothing to do."""

    part: Part
    aws: Half | None
    yours: Half | None

    @property
    def name(self) -> str:
        """`framework:id`, or the duty."""
        return (
            self.part.id if self.part.framework == DUTY else f"{self.part.framework}:{self.part.id}"
        )

    @property
    def verdict(self) -> Verdict:
        """The worse of the halves."""
        halves = [h.verdict for h in (self.aws, self.yours) if h]
        return min(halves, key=ORDER.index) if halves else "unknown"


@dataclass(frozen=True, slots=True)
class ClauseStatus:
    """A clause with everything that it asks for."""

    clause: Clause
    asked: Asked | None
    judged: tuple[Judged, ...]
    owner: str
    verdict: Verdict
    #: Whether its words changed since it was mapped.
    changed: bool
    #: Findings by status, of all its checks, each check once.
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def checks(self) -> tuple[str, ...]:
        """Every check that speaks for a part of it."""
        return _checks(self.judged)

    @property
    def reports(self) -> tuple[str, ...]:
        """The ids of the reports on file that AWS's half leans on."""
        found = (
            r.id
            for j in self.judged
            if j.aws and j.aws.report and j.aws.verdict == "inherited"
            for r in j.aws.report.reports
        )
        return tuple(dict.fromkeys(found))

    def half(self, name: Literal["aws", "yours"]) -> Verdict | None:
        """The worst verdict of one side over all parts; None where it has nothing to do."""
        halves = [h.verdict for j in self.judged if (h := getattr(j, name))]
        return min(halves, key=ORDER.index) if halves else None


class Judge:
    """Judges clauses against one scan."""

    def __init__(self, standing: Standing, own: Path | None = None) -> None:
        self.standing, self._books = standing, Books(own)
        self._proofs: dict[str, Mapping[str, Proof]] = {}
        self._parts: dict[tuple[str, str], Judged] = {}

    def clause(self, clause: Clause, asked: Asked | None) -> ClauseStatus:
        """The clause with its verdict."""
        judged = tuple(self._part(p) for p in self.parts(asked)) if asked else ()
        verdict: Verdict = "unmapped"
        if judged:
            verdict = min((j.verdict for j in judged), key=ORDER.index)
        changed = bool(asked and asked.text and asked.text != clause.fingerprint)
        answers = self.standing.answers(_checks(judged))
        owner = _owner(clause, asked, judged, answers.owners)
        return ClauseStatus(clause, asked, judged, owner, verdict, changed, answers.counts)

    def parts(self, asked: Asked) -> list[Part]:
        """The parts that a mapping names, controls opened to what they ask for."""
        found: dict[tuple[str, str], Part] = {}
        for name in asked.controls:
            framework, _, spelled = name.partition(":")
            for leaf in self._books.leaves(framework, spelled):
                found[leaf.framework, leaf.id] = leaf
        for duty in asked.duties:
            found[DUTY, duty] = duty_part(duty)
        return list(found.values())

    def _part(self, part: Part) -> Judged:
        key = (part.framework, part.id)
        if key not in self._parts:
            aws, customer = owes(part)
            self._parts[key] = Judged(
                part,
                self._aws(part) if aws else None,
                self._yours(part) if customer or part.side is Side.UNKNOWN else None,
            )
        return self._parts[key]

    def _aws(self, part: Part) -> Half:
        told = self.standing.report(part)
        good = told.state is ReportState.PROVED
        return Half("inherited" if good else "unverified", told.sentence, report=told)

    def _yours(self, part: Part) -> Half:
        if part.side is Side.UNKNOWN:
            return Half("unknown", "Nobody drew the line of this part.")
        proof = self._proof(part)
        checks = proof.checks if part.framework == DUTY else (*proof.named, *proof.mapped)
        counts = self.standing.answers(checks).counts
        if weighed := weigh.named(counts):
            verdict, sentence = _word(weighed[0]), weighed[1]
            idle = [c for c in checks if c not in self._ran]
            if idle:
                sentence += f" {len(idle)} of its {len(checks)} checks did not run in this scan."
        else:
            verdict, sentence = self._stated(part, checks)
            if part.framework != DUTY and proof.duty:
                verdict, sentence = self._beside(proof.duty, verdict, sentence)
        return Half(verdict, sentence, dict(counts), checks)

    def _beside(
        self, related: Sequence[str], verdict: Verdict, sentence: str
    ) -> tuple[Verdict, str]:
        """What checks of the same duty add, none of which names the part: never that it is met."""
        bad, said = weigh.of_duty(self.standing.answers(related).counts)
        if bad or (said and verdict == "unverified"):
            return "unverified", f"{said} {sentence}"
        return verdict, sentence

    def _stated(self, part: Part, checks: Sequence[str]) -> tuple[Verdict, str]:
        """What people say of a part that no finding speaks for."""
        known = load_duties().duties
        duties = [d for d in part.duties if known[d].usual_side is not Side.AWS] or part.duties
        told = [self._attested(d) for d in duties]
        if told and all(told):
            return "met", " ".join(told)
        why = "No check can see it"
        if checks:
            ran = any(c in self._ran for c in checks)
            nothing = "found nothing to look at" if ran else "did not run"
            why = f"Its checks {nothing} in this scan"
        lacking = [d for d, t in zip(duties, told, strict=True) if not t]
        near = [n for d in lacking for n in self.standing.nearly(d)]
        nobody = f"nobody attests {', '.join(lacking)}" if lacking else "nobody attests it"
        return "unverified", " ".join([f"{why}, and {nobody}.", *near])

    def _attested(self, duty: str) -> str:
        """Who attests a duty everywhere, until when; empty where nobody does."""
        for one in reversed(self.standing.attested.get(duty, ())):
            if one.scope == "*":
                return f"{one.by} attests {duty} until {one.expires:%Y-%m-%d}."
        return ""

    @cached_property
    def _ran(self) -> frozenset[str]:
        return frozenset(self.standing.results.manifest.data["checks"])

    def _proof(self, part: Part) -> Proof:
        if part.framework == DUTY:
            return Proof(part, duty=self._of_duty.get(part.id, ()))
        if part.framework not in self._proofs:
            book = self._books.framework(part.framework)
            self._proofs[part.framework] = prove(book, self.standing.checks)
        return self._proofs[part.framework][part.id]

    @cached_property
    def _of_duty(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for check in self.standing.checks.values():
            found.setdefault(check.duty, []).append(check.id)
        return {duty: tuple(names) for duty, names in found.items()}

    # -- the reverse ---------------------------------------------------------------------------

    def unasked(self, statuses: Iterable[ClauseStatus]) -> tuple[list[str], list[str]]:
        """The customer's duties and the checks that no clause asks for, directly or by a control."""
        duties: set[str] = set()
        checks: set[str] = set()
        for status in statuses:
            for judged in status.judged:
                duties |= set(judged.part.duties)
                checks |= set(judged.yours.checks) if judged.yours else set()
        known = load_duties().duties.values()
        free = [d.id for d in known if d.usual_side is not Side.AWS and d.id not in duties]
        return free, sorted((self._ran & self.standing.checks.keys()) - checks)


def _word(status: Status) -> Verdict:
    return next(v for v in ORDER if v == status.value)


def _checks(judged: Iterable[Judged]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(c for j in judged if j.yours for c in j.yours.checks))


def _owner(
    clause: Clause, asked: Asked | None, judged: Sequence[Judged], owners: Mapping[str, int]
) -> str:
    """Who must act: who the mapping or the document names, else who owns most of what is open."""
    if asked and asked.owner:
        return asked.owner
    if clause.owner:
        return clause.owner
    if not owners:
        return "AWS" if judged and not any(j.yours for j in judged) else NOBODY
    return min(owners, key=lambda o: (-owners[o], o))
